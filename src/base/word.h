/* Eight bytes of text looked at together, in a portable way. */
#ifndef PK_BASE_WORD_H
#define PK_BASE_WORD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PK_EACH_BYTE UINT64_C(0x0101010101010101)

/* Its first byte is the lowest on every machine. */
static inline uint64_t pk_word(const char *text)
{
    uint64_t word = 0;
    memcpy(&word, text, sizeof word); /* one load; clang 14 makes eight of shifted bytes */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* What the functions below answer: a mark at each byte meant; 0: there is none. Marks behind the
 * first may be wrong. */
static inline uint64_t pk_word_not_ascii(uint64_t word)
{
    return word & PK_EACH_BYTE * 0x80;
}

/* Bytes below limit, at most 0x80: they borrow into their top bit. */
static inline uint64_t pk_word_below(uint64_t word, uint8_t limit)
{
    return (word - PK_EACH_BYTE * limit) & ~word & PK_EACH_BYTE * 0x80;
}

/* The place of the first mark, of which there must be one. */
static inline size_t pk_word_first(uint64_t marks)
{
    return (size_t)__builtin_ctzll(marks) / 8;
}

#endif
