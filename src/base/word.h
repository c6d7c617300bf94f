/* Eight bytes of text looked at together, whatever the machine's byte order. */
#ifndef PK_BASE_WORD_H
#define PK_BASE_WORD_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define PK_EACH_BYTE UINT64_C(0x0101010101010101)

static inline uint64_t pk_word(const char *text)
{
    uint64_t word = 0;
    memcpy(&word, text, sizeof word);
    return word;
}

static inline bool pk_word_is_ascii(uint64_t word)
{
    return !(word & PK_EACH_BYTE * 0x80);
}

/* Whether some byte is below limit (at most 0x80): then that byte alone borrows into its top bit. */
static inline bool pk_word_has_below(uint64_t word, uint8_t limit)
{
    return (word - PK_EACH_BYTE * limit) & ~word & PK_EACH_BYTE * 0x80;
}

static inline bool pk_word_has(uint64_t word, uint8_t byte)
{
    return pk_word_has_below(word ^ PK_EACH_BYTE * byte, 1);
}

#endif
