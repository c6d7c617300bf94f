/* Eight bytes of text looked at together, in a portable way. */
#ifndef PK_BASE_WORD_H
#define PK_BASE_WORD_H

#include <stddef.h>
#include <stdint.h>

#define PK_EACH_BYTE UINT64_C(0x0101010101010101)

/* Its first byte is the lowest on every machine; compilers make one load of this. */
static inline uint64_t pk_word(const char *text)
{
    const unsigned char *b = (const unsigned char *)text;
    return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 |
           (uint64_t)b[4] << 32 | (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 |
           (uint64_t)b[7] << 56;
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
