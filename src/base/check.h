/*
 * CHECK: a condition that only our own mistake can break. Always on; prints its place and aborts.
 * Bad input, a full disk or a lost server is never a CHECK: those are an enum err.
 */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#define CHECK(expr) ((expr) ? (void)0 : check_failed(#expr, __FILE__, __LINE__))

_Noreturn void check_failed(const char *expr, const char *file, int line)
    __attribute__((noreturn)); /* repeated because cppcheck reads only this definition */

#endif
