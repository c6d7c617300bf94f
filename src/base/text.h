/* UTF-8 text: what may be in it, how wide it shows, how to show what came from outside. */
#ifndef PK_BASE_TEXT_H
#define PK_BASE_TEXT_H

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Length of the longest prefix of text that is valid UTF-8 (RFC 3629). */
size_t pk_utf8_valid_len(const char *text, size_t len);
/* Decodes the character at text (valid UTF-8, not at its end); returns its length in bytes. */
size_t pk_utf8_next(const char *text, uint32_t *character);
/* Number of characters (code points) in len bytes of valid UTF-8. */
size_t pk_utf8_count(const char *text, size_t len);

/* C0, DEL, C1 and the line and paragraph separators: nothing that a name or a header may hold. */
bool pk_is_control(uint32_t character);
/* The first control character in a NUL-terminated text, but for those of `allowed` ("" for none);
 * 0: there is none. */
uint32_t pk_find_control(const char *text, const char *allowed);
/* A control character's name for people, as "line feed" or "control character". */
const char *pk_control_name(uint32_t character);
/* What keeps a text from being one line, not blank and without control characters: true, and *why
 * tells it, with `what` as the name of what is expected ("a name"). */
bool pk_line_fault(const char *text, const char *what, char *why, size_t size);
/* The same for bodies and variables, where tab and line ends may be, and nothing has to be: where
 * in the text the fault is; NULL: there is none. */
const char *pk_body_fault(const char *text, char *why, size_t size);
/* Whether normal form C leaves it alone whatever stands beside it. False: it is to be looked up. */
bool pk_is_settled(uint32_t character);
/* The text without spaces, tabs and no-break spaces (U+00A0) around, in its place: its end is cut
 * off. */
char *pk_trim(char *text);
/* A copy in normal form C, composed as people type it (Unicode UAX #15). NULL: out of memory. */
char *pk_text_nfc(pk_arena *arena, const char *text);
bool pk_is_ascii(const char *text);
/* strcmp() of a name that need not end with NUL. */
int pk_compare_name(const char *name, size_t len, const char *with);
/* 1 to max of letters, digits, - and _, with single dots between them: atoms that stand anywhere as
 * they are (RFC 5322 §3.2.3). */
bool pk_is_dotted_name(const char *text, size_t max);
/* Only ASCII letters change: header field and domain names compare so (RFC 5321 §2.4). */
bool pk_ascii_equal_nocase(const char *a, const char *b, size_t len);
char pk_ascii_lower(char c);

/* Brings the text in out (valid UTF-8) into NFC: a letter and its accents become one character
 * where there is one. False: no memory, or it does not fit. */
bool pk_text_compose(pk_buf *out);

/* How many terminal cells the text fills. */
size_t pk_display_width(const char *text);
/* Appends text of unknown origin so that a terminal can't be harmed: what is not valid UTF-8 and
 * every control character becomes U+FFFD. */
void pk_add_printable(pk_buf *out, const char *text, size_t len);

#endif
