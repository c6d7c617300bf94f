/* RFC 2047 encoded words in UTF-8. */
#ifndef PK_MESSAGE_ENCODED_WORD_H
#define PK_MESSAGE_ENCODED_WORD_H

#include "base/buf.h"

#include <stddef.h>

typedef enum pk_word_place {
    PK_WORD_IN_TEXT,   /* RFC 2047 §5 (1) */
    PK_WORD_IN_PHRASE, /* §5 (3): fewer characters may stand for themselves */
    PK_WORD_IN_QUOTES, /* a parameter's value: as in a phrase, with room for "; behind each line */
} pk_word_place;

/* Appends the whole text (valid UTF-8) as encoded words, B or Q by which is shorter, folded before
 * each but the first, which goes to column (0-based; at most 40) of the line at hand. Characters
 * are never split, and what people see as one character (UAX #29) only when it is too long for a
 * word. Returns the column behind the last. */
size_t pk_add_encoded_words(pk_buf *out, const char *text, size_t len, pk_word_place place,
                            size_t column);

#endif
