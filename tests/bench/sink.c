/* An SMTP server that takes everything and keeps nothing, for measuring senders: one thread, plain
 * SMTP, any number of connections.
 *
 *     sink [--final-delay-ms N]
 *
 * Listens on a free port of 127.0.0.1 and prints it. SIGTERM ends it; then it prints how many
 * messages came. It believes its clients: no checks, and no pipelining over the end of a message.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { MAX_FD = 1024, MAX_EVENTS = 64, MAX_LINE = 1024, CHUNK = 64 * 1024, BACKLOG = 128 };

static const char end_of_data[] = "\r\n.\r\n";

typedef struct connection {
    char line[MAX_LINE]; /* of a command, as far as it came */
    size_t line_len;
    size_t matched; /* of end_of_data */
    bool in_data;
    bool is_waiting; /* in the queue, for its final reply */
    int64_t due_ns;
} connection;

typedef struct sink {
    int epoll;
    int listener;
    int timer;
    int64_t delay_ns;
    uint64_t messages;
    connection connections[MAX_FD]; /* by descriptor */
    int queue[MAX_FD];              /* all wait equally long: first come, first served */
    size_t queue_begin;
    size_t queue_len;
} sink;

static volatile sig_atomic_t is_ended;

static void end(int number)
{
    (void)number;
    is_ended = 1;
}

static int64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Replies are short, and the client reads each: they always fit. */
static void say(int fd, const char *reply)
{
    (void)send(fd, reply, strlen(reply), MSG_NOSIGNAL);
}

static void set_timer(const sink *s, int64_t due_ns)
{
    struct itimerspec when = {.it_value = {.tv_sec = (time_t)(due_ns / 1000000000),
                                           .tv_nsec = (long)(due_ns % 1000000000)}};
    (void)timerfd_settime(s->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void say_final(sink *s, int fd)
{
    s->messages++;
    s->connections[fd].is_waiting = false;
    say(fd, "250 2.0.0 Ok: queued as SINK\r\n");
}

static void reply_later(sink *s, int fd)
{
    connection *c = &s->connections[fd];
    c->is_waiting = true;
    c->due_ns = now_ns() + s->delay_ns;
    s->queue[(s->queue_begin + s->queue_len++) % MAX_FD] = fd;
    if (s->queue_len == 1) {
        set_timer(s, c->due_ns);
    }
}

static void on_timer(sink *s)
{
    uint64_t expirations = 0;
    (void)!read(s->timer, &expirations, sizeof expirations);
    int64_t now = now_ns();
    while (s->queue_len > 0) {
        int fd = s->queue[s->queue_begin];
        if (s->connections[fd].due_ns > now) {
            set_timer(s, s->connections[fd].due_ns);
            return;
        }
        s->queue_begin = (s->queue_begin + 1) % MAX_FD;
        s->queue_len--;
        if (s->connections[fd].is_waiting) {
            say_final(s, fd);
        }
    }
}

/* How many of the bytes belong to the message. */
static size_t take_body(sink *s, int fd, const char *bytes, size_t len)
{
    connection *c = &s->connections[fd];
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != end_of_data[c->matched]) {
            c->matched = bytes[i] == '\r' ? 1 : 0;
        } else if (++c->matched == sizeof end_of_data - 1) {
            c->in_data = false;
            if (s->delay_ns > 0) {
                reply_later(s, fd);
            } else {
                say_final(s, fd);
            }
            return i + 1;
        }
    }
    return len;
}

/* False: the client said QUIT. */
static bool obey(connection *c, int fd)
{
    if (strncasecmp(c->line, "DATA", 4) == 0) {
        c->in_data = true;
        c->matched = 2; /* an empty message ends like any other */
        say(fd, "354 go ahead\r\n");
    } else if (strncasecmp(c->line, "EHLO", 4) == 0) {
        say(fd, "250-sink\r\n250 8BITMIME\r\n");
    } else if (strncasecmp(c->line, "QUIT", 4) == 0) {
        say(fd, "221 2.0.0 bye\r\n");
        return false;
    } else {
        say(fd, "250 2.0.0 ok\r\n");
    }
    return true;
}

static bool take_command(sink *s, int fd, char byte)
{
    connection *c = &s->connections[fd];
    if (byte != '\n') {
        if (c->line_len < MAX_LINE - 1) {
            c->line[c->line_len++] = byte;
        }
        return true;
    }
    c->line[c->line_len] = '\0';
    c->line_len = 0;
    return obey(c, fd);
}

static bool take(sink *s, int fd, const char *bytes, size_t len)
{
    for (size_t used = 0; used < len;) {
        if (s->connections[fd].in_data) {
            used += take_body(s, fd, bytes + used, len - used);
        } else if (!take_command(s, fd, bytes[used++])) {
            return false;
        }
    }
    return true;
}

static void on_input(sink *s, int fd)
{
    static char bytes[CHUNK];
    ssize_t len = recv(fd, bytes, sizeof bytes, 0);
    if (len < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (len <= 0 || !take(s, fd, bytes, (size_t)len)) {
        s->connections[fd].is_waiting = false;
        (void)close(fd);
    }
}

static void on_client(sink *s)
{
    int fd = accept(s->listener, NULL, NULL);
    if (fd < 0) {
        return;
    }
    int on = 1;
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};
    if (fd >= MAX_FD || fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ||
        epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        (void)close(fd);
        return;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    s->connections[fd] = (connection){.line_len = 0};
    say(fd, "220 sink ESMTP\r\n");
}

static bool watch(const sink *s, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};
    return fd >= 0 && epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* The port; 0 when there is none. */
static unsigned listen_anywhere(sink *s)
{
    struct sockaddr_in where = {.sin_family = AF_INET};
    socklen_t len = sizeof where;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->epoll = epoll_create1(0);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    if (s->epoll < 0 || !watch(s, s->listener) || !watch(s, s->timer) ||
        bind(s->listener, (struct sockaddr *)&where, sizeof where) != 0 ||
        listen(s->listener, BACKLOG) != 0 ||
        getsockname(s->listener, (struct sockaddr *)&where, &len) != 0) {
        return 0;
    }
    return ntohs(where.sin_port);
}

static void serve(sink *s)
{
    struct epoll_event events[MAX_EVENTS];
    while (!is_ended) {
        int count = epoll_wait(s->epoll, events, MAX_EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == s->listener) {
                on_client(s);
            } else if (events[i].data.fd == s->timer) {
                on_timer(s);
            } else {
                on_input(s, events[i].data.fd);
            }
        }
    }
}

int main(int argc, char **argv)
{
    static sink s;
    struct sigaction action = {.sa_handler = end};
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    if (argc == 3 && strcmp(argv[1], "--final-delay-ms") == 0) {
        s.delay_ns = (int64_t)strtol(argv[2], NULL, 10) * 1000000;
    }
    unsigned port = listen_anywhere(&s);
    if (port == 0) {
        perror("sink");
        return 1;
    }
    (void)printf("%u\n", port);
    (void)fflush(stdout);
    serve(&s);
    (void)printf("%llu messages\n", (unsigned long long)s.messages);
    return 0;
}
