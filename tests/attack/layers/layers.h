/*
 * layers - the layers of layers.def, as bits of a set.
 */
#ifndef TESTS_ATTACK_LAYERS_LAYERS_H
#define TESTS_ATTACK_LAYERS_LAYERS_H

enum layer_number {
#define LAYER(name, what, functions) NUMBER_##name,
#include "tests/attack/layers.def"
};

enum layer {
#define LAYER(name, what, functions) name = 1 << NUMBER_##name,
#include "tests/attack/layers.def"
	NONE = 0,
};

#endif
