/* A client of a session without a socket: feeds it, does what it needs, and keeps what it said. */
#ifndef PK_TESTS_SMTP_CLIENT_H
#define PK_TESTS_SMTP_CLIENT_H

#include "unit.h"

#include "mock/session.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_MAILS = 8 };

typedef struct smtp_client {
    pm_rules rules;
    pm_session session;
    uint64_t messages;
    pk_buf said;               /* by the session, since the last look */
    pm_mail *mails[MAX_MAILS]; /* owned: what was stored */
    size_t mail_count;
    bool refuses_to_store;
    bool is_closed;
    bool is_reset; /* or hung: a fault ended it */
} smtp_client;

static void serve(smtp_client *client, pm_need need);

static void store_one(smtp_client *client)
{
    pm_mail draft;
    bool ok = pm_session_mail(&client->session, client->mail_count + 1, &draft);
    assert_true(ok);
    assert_true(client->mail_count < MAX_MAILS);
    if (!client->refuses_to_store) {
        client->mails[client->mail_count++] = pm_mail_keep(&draft);
    }
    serve(client, pm_session_stored(&client->session, !client->refuses_to_store));
}

static void act_out(smtp_client *client)
{
    pm_act *act = &client->session.act;
    pk_buf_add(&client->said, pk_buf_text(&act->text), act->text.len);
    if (act->then == PM_THEN_RESET || act->then == PM_THEN_HANG) {
        client->is_closed = client->is_reset = true;
        return;
    }
    serve(client, pm_session_acted(&client->session));
}

static void take_out(smtp_client *client)
{
    pk_buf *out = &client->session.out;
    pk_buf_add(&client->said, pk_buf_text(out), out->len);
    pk_buf_reset(out);
}

static void serve(smtp_client *client, pm_need need)
{
    take_out(client);
    switch (need) {
    case PM_NEED_INPUT:
        break;
    case PM_NEED_ACT:
        act_out(client);
        break;
    case PM_NEED_STORE:
        store_one(client);
        break;
    case PM_NEED_TLS:
        serve(client, pm_session_secured(&client->session, "TLSv1.3", "TEST"));
        break;
    case PM_NEED_CLOSE:
        client->is_closed = true;
        break;
    }
    take_out(client);
}

static void client_feed(smtp_client *client, const char *bytes, size_t len)
{
    while (len && !client->is_closed) {
        size_t used = 0;
        pm_need need = pm_session_feed(&client->session, bytes, len, &used);
        assert_true(used <= len);
        assert_true(used || need != PM_NEED_INPUT);
        bytes += used;
        len -= used;
        serve(client, need);
    }
}

static void client_start(smtp_client *client, const pm_rules *rules)
{
    static const pm_client who = {.address = "127.0.0.1", .connection = 1};
    *client = (smtp_client){.rules = *rules};
    pk_buf_init(&client->said, 1 << 24);
    pm_session_init(&client->session, &client->rules, &who, "<1.2@test>", false, &client->messages);
    serve(client, pm_session_greet(&client->session));
}

static void client_end(smtp_client *client)
{
    pm_session_free(&client->session);
    pk_buf_free(&client->said);
    for (size_t i = 0; i < client->mail_count; i++) {
        free(client->mails[i]);
    }
}

static const pm_rules plain_rules = {
    .host = "test", .max_message = 1000, .max_recipients = 3, .has_tls = true};

#endif
