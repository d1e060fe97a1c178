/*
 * Files built into the program, so that it runs from any folder. Paths are relative
 * to the compiler's working folder: the root of the repository.
 */
#ifndef SANDBOX_EMBED_H
#define SANDBOX_EMBED_H

/* Declares `symbol` and `symbol##_end`; a NUL follows the file's bytes. */
#define EMBED(symbol, path)                                                                        \
    __asm__(".pushsection .rodata\n"                                                               \
            ".global " #symbol "\n" #symbol ":\n"                                                  \
            ".incbin \"" path "\"\n"                                                               \
            ".global " #symbol "_end\n" #symbol "_end:\n"                                          \
            ".byte 0\n"                                                                            \
            ".popsection\n");                                                                      \
    extern const char symbol[];                                                                    \
    extern const char symbol##_end[]

#endif
