#include "mock/stream.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

void pm_stream_init(pm_stream *stream, int fd)
{
    *stream = (pm_stream){.fd = fd};
}

void pm_stream_close(pm_stream *stream, bool reset)
{
    if (stream->fd < 0) {
        return;
    }
    SSL_free(stream->ssl);
    if (reset) {
        struct linger none = {.l_onoff = 1, .l_linger = 0};
        (void)setsockopt(stream->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    }
    (void)close(stream->fd);
    pm_stream_init(stream, -1);
}

void pm_stream_finish(pm_stream *stream)
{
    if (stream->ssl && SSL_is_init_finished(stream->ssl)) {
        ERR_clear_error();
        (void)SSL_shutdown(stream->ssl);
    }
    (void)shutdown(stream->fd, SHUT_WR);
}

bool pm_stream_has_unread(const pm_stream *stream)
{
    int waiting = 0;
    return ioctl(stream->fd, FIONREAD, &waiting) == 0 && waiting > 0;
}

bool pm_stream_secure(pm_stream *stream, SSL_CTX *context)
{
    ERR_clear_error();
    stream->ssl = SSL_new(context);
    if (!stream->ssl || SSL_set_fd(stream->ssl, stream->fd) != 1) {
        return false;
    }
    SSL_set_accept_state(stream->ssl);
    return true;
}

static pm_io explain(const pm_stream *stream, int result)
{
    switch (SSL_get_error(stream->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return PM_IO_READ;
    case SSL_ERROR_WANT_WRITE:
        return PM_IO_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return PM_IO_END;
    default:
        return PM_IO_FAILED;
    }
}

pm_io pm_stream_shake_hands(pm_stream *stream)
{
    ERR_clear_error();
    int result = SSL_do_handshake(stream->ssl);
    return result == 1 ? PM_IO_DONE : explain(stream, result);
}

static pm_io explain_errno(pm_io waiting)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? waiting : PM_IO_FAILED;
}

pm_io pm_stream_read(pm_stream *stream, char *bytes, size_t size, size_t *len)
{
    if (stream->ssl) {
        ERR_clear_error();
        int result = SSL_read_ex(stream->ssl, bytes, size, len);
        return result == 1 ? PM_IO_DONE : explain(stream, result);
    }
    ssize_t got = read(stream->fd, bytes, size);
    *len = got > 0 ? (size_t)got : 0;
    if (got < 0) {
        return explain_errno(PM_IO_READ);
    }
    return got ? PM_IO_DONE : PM_IO_END;
}

pm_io pm_stream_write(pm_stream *stream, const char *bytes, size_t size, size_t *len)
{
    if (stream->ssl) {
        ERR_clear_error();
        int result = SSL_write_ex(stream->ssl, bytes, size, len);
        return result == 1 ? PM_IO_DONE : explain(stream, result);
    }
    ssize_t done = write(stream->fd, bytes, size);
    *len = done > 0 ? (size_t)done : 0;
    return done < 0 ? explain_errno(PM_IO_WRITE) : PM_IO_DONE;
}
