#include "cli/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

/* The one global: a signal handler can reach nothing else. Every thread asks it. */
static atomic_bool came;

static void say(const char *text, size_t len)
{
    ssize_t written = write(STDERR_FILENO, text, len);
    (void)written; /* who could be told? */
}

/* Whatever is happening, the ledger is right: it is so at every moment. */
static void on_signal(int number)
{
    static const char first[] = "\nprankcurl: stopping; messages in flight are finished first "
                                "(Ctrl-C again ends at once)\n";
    static const char second[] =
        "\nprankcurl: ended at once; what was in flight may have arrived, \"prankcurl "
        "status\" tells of it; the same command goes on with the rest\n";
    (void)number;
    int error = errno;
    if (atomic_exchange(&came, true)) {
        say(second, sizeof second - 1);
        _exit(130);
    }
    say(first, sizeof first - 1);
    errno = error;
}

void pk_signals_catch(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct sigaction hangup;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN) {
        (void)sigaction(SIGHUP, &action, NULL); /* nohup has it ignored, and means it */
    }
}

bool pk_signals_came(void)
{
    return atomic_load(&came);
}
