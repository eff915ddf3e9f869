/* SIGHUP: new certificates, and the settings that can change (P12). */
#include <unistd.h>

#include "base/log.h"
#include "daemon/notify.h"
#include "daemon/supervisor_int.h"

void
supervisor_hostname(struct config *c)
{
	char name[256] = "";
	const char *why;

	if (c->hostname[0])
		return;
	/* A system can be called anything. */
	if (gethostname(name, sizeof(name) - 1) < 0 || !name[0] ||
	    config_set(c, S("hostname"), str_from(name), &why) != ST_OK)
		ASSERT(config_set(c, S("hostname"), S("localhost"), &why) ==
		    ST_OK);
}

struct reloading {
	struct supervisor *s;
	struct config *fresh;
};

static void
changed(void *ctx, const char *key, bool can)
{
	struct reloading *r = ctx;
	const char *why;
	struct buf old;

	if (can) {
		log_notice("setting changed", LOG_Z("key", key));
		return;
	}
	log_warn("this setting needs a restart", LOG_Z("key", key));
	buf_init(&old, 4096);
	for (size_t i = 0; i < n_option_rows; i++)
		if (strcmp(option_rows[i].key, key) == 0)
			config_value(r->s->config, &option_rows[i], &old);
	ASSERT(
	    config_set(r->fresh, str_from(key), buf_str(&old), &why) == ST_OK);
	buf_release(&old);
}

void
supervisor_reload(struct supervisor *s)
{
	struct reloading r = {.s = s};
	const char *why = "";
	struct buf text;

	notify_reloading();
	if (config_reload(s->config, &r.fresh, &why) != ST_OK) {
		log_error("not reloaded", LOG_Z("why", why));
	} else {
		supervisor_hostname(r.fresh);
		config_compare(s->config, r.fresh, changed, &r);
		config_free(&s->config);
		s->config = r.fresh;
		buf_init(&text, 64 * 1024);
		config_encode(s->config, &text);
		for (unsigned i = 0; i < ROLES; i++)
			process_tell_all(
			    s, (enum role)i, MSG_RELOAD, buf_str(&text));
		buf_release(&text);
		if (keys_send(s, NULL))
			log_notice("reloaded");
		else
			log_error("the certificates from before stay");
	}
	notify("READY=1");
}
