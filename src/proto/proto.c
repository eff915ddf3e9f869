#include "proto/proto.h"

struct question *
outbox_ask(struct outbox *o, enum question_kind kind)
{
	struct question *q;

	if (o->n == PROTO_OUTBOX_MAX)
		return NULL;
	q = &o->q[o->n++];
	memset(q, 0, sizeof(*q));
	q->id = ++o->last_id;
	q->kind = kind;
	return q;
}
