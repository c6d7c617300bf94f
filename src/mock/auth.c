#include "mock/auth.h"

#include "base/base64.h"
#include "base/text.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

enum { MAX_ANSWER = 4096, MD5_LEN = 16 };

struct pm_mechanism {
    const char *name;
    bool takes_initial; /* the client may speak first */
    /* Says the challenge for this round, plain text. */
    const char *(*challenge)(const pm_auth *auth);
    pm_auth_result (*answer)(pm_auth *auth);
};

/* Without a difference in time that would tell how much was right. */
static bool is_same(const char *a, size_t a_len, const char *b)
{
    size_t b_len = strlen(b);
    return a_len == b_len && CRYPTO_memcmp(a, b, a_len) == 0;
}

static pm_auth_result check(pm_auth *auth, const char *user, size_t user_len, const char *secret,
                            size_t secret_len)
{
    pk_buf_reset(&auth->user);
    pk_buf_add(&auth->user, user, user_len);
    if (!user_len || memchr(user, '\0', user_len)) {
        return PM_AUTH_BAD;
    }
    if (!auth->want_user) {
        return PM_AUTH_YES;
    }
    bool is_user = is_same(user, user_len, auth->want_user);
    bool is_secret = is_same(secret, secret_len, auth->want_secret);
    return is_user && is_secret ? PM_AUTH_YES : PM_AUTH_NO;
}

static const char *no_challenge(const pm_auth *auth)
{
    (void)auth;
    return "";
}

/* authorization identity, NUL, user, NUL, password. */
static pm_auth_result answer_plain(pm_auth *auth)
{
    const char *text = pk_buf_text(&auth->answer);
    const char *end = text + auth->answer.len;
    const char *user = memchr(text, '\0', auth->answer.len);
    const char *password = user ? memchr(user + 1, '\0', (size_t)(end - user - 1)) : NULL;
    if (!password || memchr(password + 1, '\0', (size_t)(end - password - 1))) {
        return PM_AUTH_BAD;
    }
    return check(auth, user + 1, (size_t)(password - user - 1), password + 1,
                 (size_t)(end - password - 1));
}

static const char *challenge_login(const pm_auth *auth)
{
    return auth->round == 0 ? "Username:" : "Password:";
}

static pm_auth_result answer_login(pm_auth *auth)
{
    if (auth->round == 1) {
        pk_buf_reset(&auth->user);
        pk_buf_add(&auth->user, pk_buf_text(&auth->answer), auth->answer.len);
        return PM_AUTH_MORE;
    }
    char user[MAX_ANSWER + 1];
    size_t len = auth->user.len;
    memcpy(user, pk_buf_text(&auth->user), len);
    return check(auth, user, len, pk_buf_text(&auth->answer), auth->answer.len);
}

static const char *challenge_cram(const pm_auth *auth)
{
    return auth->challenge;
}

/* The digest that a password gives, in hex. */
static void digest(const char *challenge, const char *password, char hex[2 * MD5_LEN + 1])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[EVP_MAX_MD_SIZE] = {0};
    unsigned len = 0;
    (void)HMAC(EVP_md5(), password, (int)strlen(password), (const unsigned char *)challenge,
               strlen(challenge), bytes, &len);
    for (size_t i = 0; i < MD5_LEN; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    hex[2 * (size_t)MD5_LEN] = '\0';
}

/* user, blank, digest (RFC 2195 §2). */
static pm_auth_result answer_cram(pm_auth *auth)
{
    const char *text = pk_buf_text(&auth->answer);
    const char *blank = strrchr(text, ' ');
    if (!blank || strlen(text) != auth->answer.len || strlen(blank + 1) != (size_t)2 * MD5_LEN ||
        strspn(blank + 1, "0123456789abcdefABCDEF") != (size_t)2 * MD5_LEN) {
        return PM_AUTH_BAD;
    }
    char right[2 * MD5_LEN + 1] = "";
    char given[2 * MD5_LEN + 1] = "";
    for (size_t i = 0; i < (size_t)2 * MD5_LEN; i++) {
        given[i] = pk_ascii_lower(blank[1 + i]);
    }
    if (auth->want_user) {
        digest(auth->challenge, auth->want_secret, right);
    }
    /* What has to be equal here is the digest. */
    bool is_right = !auth->want_user || is_same(given, sizeof given - 1, right);
    pm_auth_result result =
        check(auth, text, (size_t)(blank - text), auth->want_secret ? auth->want_secret : "",
              auth->want_secret ? strlen(auth->want_secret) : 0);
    return result == PM_AUTH_YES && !is_right ? PM_AUTH_NO : result;
}

/* The value of a field that ends with ^A, as `auth=Bearer …`; NULL: there is none. */
static const char *bearer_field(const char *text, const char *name, size_t *len)
{
    const char *field = text;
    size_t name_len = strlen(name);
    while (*field) {
        *len = strcspn(field, "\x01");
        if (*len >= name_len && pk_ascii_equal_nocase(field, name, name_len)) {
            *len -= name_len;
            return field + name_len;
        }
        field += *len;
        field += *field ? 1 : 0;
    }
    return NULL;
}

/* Who was refused hears why in a challenge, answers it, and hears 535 then. */
static pm_auth_result answer_bearer(pm_auth *auth, const char *user, size_t user_len)
{
    size_t token_len = 0;
    const char *token = bearer_field(pk_buf_text(&auth->answer), "auth=Bearer ", &token_len);
    if (!user || !token || !token_len || strlen(pk_buf_text(&auth->answer)) != auth->answer.len) {
        return PM_AUTH_BAD;
    }
    pm_auth_result result = check(auth, user, user_len, token, token_len);
    auth->is_refused = result == PM_AUTH_NO;
    return auth->is_refused ? PM_AUTH_MORE : result;
}

static const char *challenge_bearer(const pm_auth *auth)
{
    return auth->is_refused ? "{\"status\":\"401\",\"schemes\":\"bearer\",\"scope\":\"mail\"}" : "";
}

static pm_auth_result answer_xoauth2(pm_auth *auth)
{
    size_t len = 0;
    if (auth->is_refused) {
        return PM_AUTH_NO;
    }
    const char *user = bearer_field(pk_buf_text(&auth->answer), "user=", &len);
    return answer_bearer(auth, user, len);
}

/* "n,a=user,^Ahost=…^Aauth=Bearer …^A^A" (RFC 7628 §3.1). */
static pm_auth_result answer_oauthbearer(pm_auth *auth)
{
    if (auth->is_refused) {
        return PM_AUTH_NO;
    }
    const char *user = strstr(pk_buf_text(&auth->answer), ",a=");
    size_t len = user ? strcspn(user + 3, ",") : 0;
    return answer_bearer(auth, user ? user + 3 : NULL, len);
}

static const pm_mechanism mechanisms[] = {
    {"PLAIN", true, no_challenge, answer_plain},
    {"LOGIN", true, challenge_login, answer_login},
    {"CRAM-MD5", false, challenge_cram, answer_cram},
    {"XOAUTH2", true, challenge_bearer, answer_xoauth2},
    {"OAUTHBEARER", true, challenge_bearer, answer_oauthbearer},
};

static const pm_mechanism *find_mechanism(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof mechanisms / sizeof mechanisms[0]; i++) {
        if (len == strlen(mechanisms[i].name) &&
            pk_ascii_equal_nocase(name, mechanisms[i].name, len)) {
            return &mechanisms[i];
        }
    }
    return NULL;
}

bool pm_auth_knows(const char *name, size_t len)
{
    return find_mechanism(name, len) != NULL;
}

void pm_auth_init(pm_auth *auth)
{
    *auth = (pm_auth){0};
    pk_buf_init(&auth->user, MAX_ANSWER);
    pk_buf_init(&auth->answer, MAX_ANSWER);
    pk_buf_init(&auth->reply, MAX_ANSWER);
}

static void wipe(pk_buf *buf)
{
    if (buf->data) {
        OPENSSL_cleanse(buf->data, buf->capacity);
    }
    pk_buf_reset(buf);
}

void pm_auth_free(pm_auth *auth)
{
    wipe(&auth->answer);
    pk_buf_free(&auth->user);
    pk_buf_free(&auth->answer);
    pk_buf_free(&auth->reply);
}

const char *pm_auth_name(const pm_auth *auth)
{
    return auth->mechanism ? auth->mechanism->name : "";
}

void pm_auth_stop(pm_auth *auth)
{
    wipe(&auth->answer);
    auth->round = 0;
    auth->is_refused = false;
}

static pm_auth_result ask(pm_auth *auth)
{
    const char *text = auth->mechanism->challenge(auth);
    pk_buf_reset(&auth->reply);
    pk_buf_str(&auth->reply, "334 ");
    pk_add_base64(&auth->reply, text, strlen(text));
    return PM_AUTH_MORE;
}

static pm_auth_result take_answer(pm_auth *auth, const char *line)
{
    wipe(&auth->answer);
    if (!pk_add_base64_decoded(&auth->answer, line, strlen(line)) || !pk_buf_ok(&auth->answer)) {
        return PM_AUTH_BAD;
    }
    auth->round++;
    pm_auth_result result = auth->mechanism->answer(auth);
    wipe(&auth->answer);
    return result == PM_AUTH_MORE ? ask(auth) : result;
}

pm_auth_result pm_auth_start(pm_auth *auth, const char *name, const char *initial)
{
    auth->mechanism = find_mechanism(name, strlen(name));
    auth->round = 0;
    auth->is_refused = false;
    if (!auth->mechanism) {
        return PM_AUTH_UNKNOWN;
    }
    if (!initial) {
        return ask(auth);
    }
    if (!auth->mechanism->takes_initial) {
        return PM_AUTH_BAD;
    }
    /* "=" is an empty response (RFC 4954 §4). */
    return take_answer(auth, strcmp(initial, "=") == 0 ? "" : initial);
}

pm_auth_result pm_auth_feed(pm_auth *auth, const char *line)
{
    return strcmp(line, "*") == 0 ? PM_AUTH_CANCELLED : take_answer(auth, line);
}
