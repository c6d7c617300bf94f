/* A socket that does not block, in the clear or under TLS. Says what it waits for; waits for
 * nothing. */
#ifndef PM_STREAM_H
#define PM_STREAM_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum pm_io {
    PM_IO_DONE,   /* it went on: see the count, or shaken hands */
    PM_IO_READ,   /* wait until it can be read from */
    PM_IO_WRITE,  /* wait until it can be written to */
    PM_IO_END,    /* the other side will say nothing more */
    PM_IO_FAILED, /* broken */
} pm_io;

typedef struct pm_stream {
    int fd;   /* owned; -1: closed */
    SSL *ssl; /* owned; NULL: in the clear */
} pm_stream;

void pm_stream_init(pm_stream *stream, int fd);
/* Closes. With `reset` what was sent may be lost, and the other side sees an RST. */
void pm_stream_close(pm_stream *stream, bool reset);
/* Says that nothing more comes (close_notify, FIN); reading goes on. */
void pm_stream_finish(pm_stream *stream);
/* Whether bytes have come that nobody has read. */
bool pm_stream_has_unread(const pm_stream *stream);

/* Begins TLS, as the server. False: out of memory. */
bool pm_stream_secure(pm_stream *stream, SSL_CTX *context);
pm_io pm_stream_shake_hands(pm_stream *stream);
/* Up to size bytes, *len of them with DONE. */
pm_io pm_stream_read(pm_stream *stream, char *bytes, size_t size, size_t *len);
pm_io pm_stream_write(pm_stream *stream, const char *bytes, size_t size, size_t *len);

#endif
