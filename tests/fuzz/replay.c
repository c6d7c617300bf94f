/* Runs a fuzz target over the files named: its corpus, in every build, without libFuzzer. */
#include "base/file.h"

#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        pk_buf bytes;
        prankcurl_error error;
        pk_buf_init(&bytes, 64 << 20);
        if (pk_file_read(argv[i], NULL, &bytes, &error) != PRANKCURL_OK) {
            (void)fprintf(stderr, "%s\n", error.message);
            pk_buf_free(&bytes);
            return 1;
        }
        (void)LLVMFuzzerTestOneInput((const uint8_t *)pk_buf_text(&bytes), bytes.len);
        pk_buf_free(&bytes);
    }
    (void)printf("%d files\n", argc - 1);
    return argc > 1 ? 0 : 1;
}
