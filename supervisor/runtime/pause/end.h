/* What pause.c and end.c share. */

long call5(long number, long a, long b, long c, long d, long e);
__attribute__((noreturn)) void leave(long code);

/* `variables` ends with a null pointer. */
__attribute__((noreturn)) void end(char **variables);
