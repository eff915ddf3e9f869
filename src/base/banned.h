/*
 * Functions that are too easy to misuse. Using one is a compile error that
 * names the replacement.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <string.h>
#include <time.h>

#define BANNED(f, use) f##_is_banned_use_##use

#undef strcpy
#define strcpy(...) BANNED(strcpy, buf)
#undef strcat
#define strcat(...) BANNED(strcat, buf)
#undef strncpy
#define strncpy(...) BANNED(strncpy, buf)
#undef strncat
#define strncat(...) BANNED(strncat, buf)
#undef sprintf
#define sprintf(...) BANNED(sprintf, buf_addf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf, buf_addf)
#undef strtok
#define strtok(...) BANNED(strtok, str_cut)
#undef atoi
#define atoi(...) BANNED(atoi, str_to_u32)
#undef atol
#define atol(...) BANNED(atol, str_to_u64)
#undef ctime
#define ctime(...) BANNED(ctime, date)
#undef asctime
#define asctime(...) BANNED(asctime, date)
#undef gmtime
#define gmtime(...) BANNED(gmtime, gmtime_r)
#undef localtime
#define localtime(...) BANNED(localtime, localtime_r)
#undef alloca
#define alloca(...) BANNED(alloca, arena)

#endif
