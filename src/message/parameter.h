/* Parameters of MIME fields, as a file name (RFC 2045 §5.1, RFC 2183): `; name="value"`. What comes
 * out is 7-bit, in lines of at most 76 characters, without control characters but its own CRLFs. */
#ifndef PK_MESSAGE_PARAMETER_H
#define PK_MESSAGE_PARAMETER_H

#include "message/header.h"

/* How a value is written that is more than a short line of plain ASCII. */
typedef enum pk_parameter_form {
    /* RFC 2231: name*=UTF-8''…, in pieces name*0*=… when it is long. For Content-Disposition's
     * filename: every mail program of the last fifteen years reads it. */
    PK_PARAMETER_EXTENDED,
    /* name="=?UTF-8?B?…?=": RFC 2047 §5 forbids it, and just so do Thunderbird, Gmail and Outlook
     * write Content-Type's name, for readers that know no RFC 2231. Never the only place of it. A
     * value with a quote, a backslash or "=?" in it is written in the extended form all the same.
     */
    PK_PARAMETER_WORDS,
} pk_parameter_form;

/* Appends the parameter to a field that is not ended yet; the line is folded where it has to be.
 * `name` is a constant of the caller, at most 20 letters; `value` is UTF-8. CONTROL or BAD (not
 * UTF-8): nothing is appended. */
pk_header_status pk_mime_parameter(pk_buf *out, const char *name, const char *value,
                                   pk_parameter_form form);

#endif
