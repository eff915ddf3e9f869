/*
 * A growing array is three fields in the struct that owns it:
 *
 *	struct part *parts;
 *	size_t       n_parts, cap_parts;
 *
 * VEC_ADD appends one zeroed element and yields a pointer to it, valid until
 * the next VEC_ADD. The owner frees the array with free().
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/base.h"

#define VEC_ADD(s, field)                                         \
 (mem_grow(&(s)->field, &(s)->cap_##field, (s)->n_##field + 1,    \
      sizeof(*(s)->field)),                                       \
     memset(&(s)->field[(s)->n_##field], 0, sizeof(*(s)->field)), \
     &(s)->field[(s)->n_##field++])

#endif
