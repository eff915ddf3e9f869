/*
 * Log lines: one line, typed fields, never blocking, no client bytes beyond
 * escaped names, no secrets (P13). Only daemon/ and cli/ decide where lines
 * go; library folders log at debug level alone and report by status.
 *
 *	log_info("account opened", LOG_STR("account", id), LOG_U64("rows", n));
 *
 * writes `info worker[2] account opened account=ab12 rows=17`. Values are
 * escaped; a line is cut at 1,024 bytes.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/str.h"

enum log_level {
	LOG_DEBUG,
	LOG_INFO,
	LOG_NOTICE,
	LOG_WARN,
	LOG_ERROR,
	LOG_FATAL
};

struct log_field {
	const char *key;
	enum { LOG_F_END, LOG_F_STR, LOG_F_U64, LOG_F_I64 } type;
	struct str s;
	uint64_t u;
	int64_t i;
};

#define LOG_STR(k, v) \
 ((struct log_field){.key = (k), .type = LOG_F_STR, .s = (v)})
#define LOG_Z(k, v) LOG_STR((k), str_from(v))
#define LOG_U64(k, v) \
 ((struct log_field){.key = (k), .type = LOG_F_U64, .u = (v)})
#define LOG_I64(k, v) \
 ((struct log_field){.key = (k), .type = LOG_F_I64, .i = (v)})
#define LOG_ERRNO(e) LOG_STR("error", str_from(strerror(e)))
#define LOG_ST(st)   LOG_STR("status", str_from(status_text(st)))

#define LOG_(level, msg, ...) \
 log_line((level), (msg),     \
     (const struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){.key = NULL}})
#define log_debug(msg, ...)  LOG_(LOG_DEBUG, msg __VA_OPT__(, ) __VA_ARGS__)
#define log_info(msg, ...)   LOG_(LOG_INFO, msg __VA_OPT__(, ) __VA_ARGS__)
#define log_notice(msg, ...) LOG_(LOG_NOTICE, msg __VA_OPT__(, ) __VA_ARGS__)
#define log_warn(msg, ...)   LOG_(LOG_WARN, msg __VA_OPT__(, ) __VA_ARGS__)
#define log_error(msg, ...)  LOG_(LOG_ERROR, msg __VA_OPT__(, ) __VA_ARGS__)

void log_line(enum log_level level, const char *msg, const struct log_field *f);

/*
 * Where lines go: a descriptor set to non-blocking by the caller (what does
 * not fit is dropped and counted in the next line), the name that stands in
 * front, and the least level. Defaults: stderr, "mailstead", LOG_INFO.
 */
void log_setup(int fd, const char *name, enum log_level least);

#endif
