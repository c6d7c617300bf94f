/**
 * @file error.h
 * What can go wrong, and where: one list of statuses for the library, the program and its exit
 * codes.
 */
#ifndef PRANKCURL_ERROR_H
#define PRANKCURL_ERROR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PRANKCURL_API __attribute__((visibility("default")))
#else
#define PRANKCURL_API
#endif

/** Every status: name, exit code (sysexits), what it means. */
#define PRANKCURL_STATUS_MAP(X)                                                                    \
    X(OK, 0, "all is well")                                                                        \
    X(USAGE, 64, "the command line is wrong")                                                      \
    X(CAMPAIGN, 65, "the campaign is wrong")                                                       \
    X(NO_INPUT, 66, "a file is missing")                                                           \
    X(UNAVAILABLE, 69, "refused, or the server cannot be reached")                                 \
    X(INTERNAL, 70, "a fault in prankcurl itself")                                                 \
    X(NO_MEMORY, 71, "out of memory")                                                              \
    X(CANNOT_CREATE, 73, "a file cannot be created")                                               \
    X(IO, 74, "reading or writing failed")                                                         \
    X(TEMPORARY, 75, "not now: run the same command again")                                        \
    X(PROTOCOL, 76, "the server does not speak SMTP as it should")                                 \
    X(DENIED, 77, "authentication or TLS was refused")                                             \
    X(CONFIG, 78, "the configuration is incomplete or unsafe")                                     \
    X(INTERRUPTED, 130, "interrupted")

/** Result of every function that can fail. */
typedef enum prankcurl_status {
#define PRANKCURL_STATUS_ENUM(name, exit_code, text) PRANKCURL_##name,
    PRANKCURL_STATUS_MAP(PRANKCURL_STATUS_ENUM)
#undef PRANKCURL_STATUS_ENUM
} prankcurl_status;

/** The status's name, as `CAMPAIGN`. Never NULL. */
PRANKCURL_API const char *prankcurl_status_name(prankcurl_status status);
/** What the status means, in a few words. Never NULL. */
PRANKCURL_API const char *prankcurl_status_text(prankcurl_status status);
/** The exit code of a program that ends with this status (sysexits.h). */
PRANKCURL_API int prankcurl_status_exit_code(prankcurl_status status);

/**
 * One error: what, where, why. The caller owns the memory; nothing in it is to be freed.
 * Texts too long for their place are cut between characters.
 */
typedef struct prankcurl_error {
    prankcurl_status status;
    unsigned line;      /**< 1-based line in `file`; 0: the error has no place in a file. */
    unsigned column;    /**< 1-based column, counted in characters (code points). */
    int curl_code;      /**< libcurl's CURLcode; 0 where libcurl had no part. */
    int smtp_code;      /**< the SMTP reply code (RFC 5321 §4.2); 0 where there was none. */
    char file[256];     /**< the file as the user named it, or "". */
    char pointer[256];  /**< the value in the file, as `victims[3].address`, or "". */
    char message[1024]; /**< what is wrong and what would be right, one line of UTF-8. */
} prankcurl_error;

/** All errors of one run, in the order of their places. Start with PRANKCURL_ERRORS_INIT. */
typedef struct prankcurl_errors {
    prankcurl_error *items; /**< owned; freed by prankcurl_errors_free(). */
    size_t count;
    size_t capacity;
    size_t left_out; /**< how many more there were than this list keeps (1,000). */
} prankcurl_errors;

#define PRANKCURL_ERRORS_INIT                                                                      \
    {                                                                                              \
        NULL, 0, 0, 0                                                                              \
    }

/** Frees the list and makes it empty. NULL-safe. */
PRANKCURL_API void prankcurl_errors_free(prankcurl_errors *errors);

/**
 * The error as one line, `file:line:col: pointer: message`, leaving out what it has not.
 * @return the length that the whole line has, as snprintf() does.
 */
PRANKCURL_API size_t prankcurl_error_format(const prankcurl_error *error, char *out, size_t size);

#ifdef __cplusplus
}
#endif

#endif
