/* Support code: checks of arguments, memory, messages. It needs malloc, free, memcpy and memcmp, and nothing else. */

/* The fields of a call that the kernel reads and writes, as words of 64 bits. */
enum { WORD_ASSERTION = 1, WORD_VALUES = 2, VALUES = 8, WORD_STATUS = 10, WORD_BUDGET = 11, WORDS = 15 };
enum { ALIGNMENT = 64, FAILED = 1 };

typedef struct {
    const char *name;
    int32_t dtype;
    int32_t rank;
    int64_t sizes[SW_MAX_RANK]; /* -1: any size; -2, -3 ...: any size, which is that of others with the same number */
} spec;

typedef struct {
    int32_t code;
    const char *message; /* with {0}, {1} ... for values */
    int32_t count;
    struct { int32_t dtype, elements; } values[VALUES]; /* elements: -1 for a scalar, -2 for values that are not kept */
} check;

typedef struct {
    void *data;
    int64_t bytes;
    int32_t written;
} captured;

typedef void kernel_function(int64_t *call, void *arena, void *const *data, const int64_t *sizes);

typedef struct {
    const char *name;
    kernel_function *kernel;
    int32_t inputs, results, captures;
    const spec *specs; /* of the inputs, then of the results */
    const check *checks;
    const char *const *size_names; /* of -2, -3 ... */
    const int64_t *captured_sizes; /* those that the kernel asks for */
    int32_t captured_sizes_count;
    int64_t arena;
} function;

typedef struct block {
    struct block *next, **before;
    void *start;
} block;

/* One call; the kernel has its address, and knows of its words only. */
typedef struct {
    int64_t words[WORDS];
    block *heap;
    const function *callee;
    sw_tensor made[MOST_RESULTS];
} call;

/* ---- messages ---- */

typedef struct {
    char *text;
    int32_t length;
} writer;

static void put(writer *w, const char *text) {
    while (*text != 0 && w->length < SW_MESSAGE_SIZE - 1) w->text[w->length++] = *text++;
    w->text[w->length] = 0;
}

static void put_digits(writer *w, uint64_t value, int32_t least) {
    char digits[24];
    int32_t at = 23;
    digits[at] = 0;
    for (; value != 0 || least > 0; value /= 10, least--) digits[--at] = (char)('0' + value % 10);
    put(w, digits + at);
}

static void put_integer(writer *w, int64_t value) {
    if (value < 0) put(w, "-");
    put_digits(w, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 1);
}

static double scaled(double value, int32_t exponent) {
    double power = 1, base = 10;
    int32_t left;
    for (left = exponent < 0 ? -exponent : exponent; left != 0; left >>= 1, base *= base)
        if (left & 1) power *= base;
    return exponent < 0 ? value / power : value * power;
}

/* The decimal with the fewest digits, up to `most`, that rounds to the value. */
static void put_float(writer *w, double value, int32_t is_single) {
    int32_t exponent = 0, digits, most = is_single ? 9 : 17;
    double size = value < 0 ? -value : value;
    uint64_t rounded = 0;
    if (value != value) { put(w, "nan"); return; }
    if (value < 0 || (value == 0 && 1 / value < 0)) put(w, "-");
    if (size > 1.7976931348623157e308) { put(w, "inf"); return; }
    if (size == 0) { put(w, "0.0"); return; }
    while (exponent < 308 && scaled(1, exponent + 1) <= size) exponent++;
    while (exponent > -308 && scaled(1, exponent) > size) exponent--;
    for (digits = 1; digits <= most; digits++) {
        double back;
        rounded = (uint64_t)(scaled(size, digits - 1 - exponent) + 0.5);
        back = scaled((double)rounded, exponent - digits + 1);
        if (is_single ? (float)back == (float)size : back == size) break;
    }
    if (digits > most) digits = most;
    while (digits > 1 && rounded % 10 == 0) { rounded /= 10; digits--; }
    if ((double)rounded >= scaled(1, digits)) { rounded /= 10; exponent++; }
    if (exponent >= -4 && exponent < 16) {
        uint64_t whole = 0, rest = rounded, unit = 1;
        int32_t places = digits - 1 - exponent, i;
        for (i = 0; i < places; i++) unit *= i < 19 ? 10 : 1;
        if (places <= 0) { for (i = places; i < 0; i++) rest *= 10; whole = rest; rest = 0; places = 1; }
        else { whole = rounded / unit; rest = rounded % unit; }
        put_digits(w, whole, 1);
        put(w, ".");
        put_digits(w, rest, places);
        return;
    }
    {
        uint64_t unit = 1;
        int32_t i;
        for (i = 1; i < digits; i++) unit *= 10;
        put_digits(w, rounded / unit, 1);
        if (digits > 1) { put(w, "."); put_digits(w, rounded % unit, digits - 1); }
        put(w, exponent < 0 ? "e-" : "e+");
        put_digits(w, (uint64_t)(exponent < 0 ? -exponent : exponent), 2);
    }
}

static double half(uint16_t bits) {
    int32_t exponent = (bits >> 10) & 31, fraction = bits & 1023;
    double value;
    if (exponent == 31) {
        value = 1e308;
        value *= 10;
        if (fraction) value -= value;
    }
    else {
        value = exponent ? 1024 + fraction : fraction;
        for (exponent = exponent ? exponent - 25 : -24; exponent < 0; exponent++) value /= 2;
        for (; exponent > 0; exponent--) value *= 2;
    }
    return bits & 0x8000 ? -value : value;
}

/* A value from the low bytes of a word. */
static void put_value(writer *w, int64_t word, int32_t dtype) {
    uint32_t bits = (uint32_t)word;
    float single;
    double wide;
    switch (dtype) {
    case SW_BOOL: put(w, word & 255 ? "True" : "False"); return;
    case SW_INT8: put_integer(w, (int8_t)word); return;
    case SW_INT16: put_integer(w, (int16_t)word); return;
    case SW_INT32: put_integer(w, (int32_t)word); return;
    case SW_INT64: put_integer(w, word); return;
    case SW_UINT8: put_digits(w, (uint8_t)word, 1); return;
    case SW_UINT16: put_digits(w, (uint16_t)word, 1); return;
    case SW_UINT32: put_digits(w, bits, 1); return;
    case SW_UINT64: put_digits(w, (uint64_t)word, 1); return;
    case SW_FLOAT64: memcpy(&wide, &word, 8); put_float(w, wide, 0); return;
    case SW_FLOAT16: put_float(w, half((uint16_t)word), 1); return;
    case SW_BFLOAT16: bits <<= 16; /* falls through */
    default: memcpy(&single, &bits, 4); put_float(w, single, 1);
    }
}

static const char *dtype_name(int32_t dtype) {
    static const char *const names[] = {"no dtype", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64",
        "string", "bool", "float16", "float64", "uint32", "uint64", "complex64", "complex128", "bfloat16"};
    return dtype > 0 && dtype <= 16 ? names[dtype] : names[0];
}

static int32_t dtype_size(int32_t dtype) {
    static const int8_t sizes[] = {0, 4, 1, 1, 2, 2, 4, 8, 0, 1, 2, 8, 4, 8, 8, 16, 2};
    return dtype > 0 && dtype <= 16 ? sizes[dtype] : 0;
}

static void put_shape(writer *w, const int64_t *sizes, int32_t rank) {
    int32_t axis;
    put(w, "[");
    for (axis = 0; axis < rank; axis++) {
        if (axis) put(w, ", ");
        if (sizes[axis] < 0) put(w, "?");
        else put_integer(w, sizes[axis]);
    }
    put(w, "]");
}

static writer begin(sw_error *error, int32_t code, char *nowhere) {
    writer w = {nowhere, 0};
    if (error != NULL) { error->code = code; w.text = error->message; }
    w.text[0] = 0;
    return w;
}

/* The message of a check, with the values that the kernel left in the words of the call. */
static int32_t failed_check(const call *c, sw_error *error) {
    char nowhere[SW_MESSAGE_SIZE], letter[2] = {0, 0};
    const check *found = &c->callee->checks[c->words[WORD_ASSERTION]];
    writer w = begin(error, found->code, nowhere);
    const char *at;
    for (at = found->message; *at != 0; at++) {
        int32_t number = 0, i, word = WORD_VALUES;
        letter[0] = *at;
        if ((*at == '{' || *at == '}') && at[1] == *at) at++;
        else if (*at == '{') {
            for (at++; *at != '}'; at++) number = 10 * number + (*at - '0');
            for (i = 0; i < number; i++) {
                int32_t elements = found->values[i].elements;
                word += elements == -1 ? 1 : elements < 0 ? 0 : elements;
            }
            if (number >= VALUES || found->values[number].elements == -2) put(&w, "...");
            else if (found->values[number].elements == -1) put_value(&w, c->words[word], found->values[number].dtype);
            else {
                put(&w, "[");
                for (i = 0; i < found->values[number].elements; i++) {
                    if (i) put(&w, " ");
                    put_value(&w, c->words[word + i], found->values[number].dtype);
                }
                put(&w, "]");
            }
            continue;
        }
        put(&w, letter);
    }
    return found->code;
}

/* ---- memory ---- */

/* Memory that begins at a multiple of ALIGNMENT, behind the address at which it has to be freed; NULL if there is none. */
static void *reserve(uint64_t bytes) {
    char *start, *data;
    if (bytes > (uint64_t)(SIZE_MAX / 2) - 2 * ALIGNMENT) return NULL;
    start = malloc((size_t)bytes + 2 * ALIGNMENT);
    if (start == NULL) return NULL;
    data = start + 2 * ALIGNMENT - (uintptr_t)start % ALIGNMENT;
    ((void **)data)[-1] = start;
    return data;
}

static void release(void *data) {
    if (data != NULL) free(((void **)data)[-1]);
}

/* Memory for temporaries, in a list of the call's; the kernel calls these. */
void *NAME(allocate)(call *c, int64_t bytes) {
    char *data = bytes < 0 ? NULL : reserve((uint64_t)bytes + ALIGNMENT);
    block *b = (block *)(void *)data;
    if (data == NULL) return NULL;
    b->next = c->heap;
    b->before = &c->heap;
    if (b->next != NULL) b->next->before = &b->next;
    c->heap = b;
    return data + ALIGNMENT;
}

void NAME(free_block)(call *c, void *data) {
    block *b = (block *)(void *)((char *)data - ALIGNMENT);
    (void)c;
    *b->before = b->next;
    if (b->next != NULL) b->next->before = b->before;
    release(b);
}

/* Memory for a result, whose sizes that are not known beforehand are `sizes`. */
void *NAME(result)(call *c, int64_t number, const int64_t *sizes) {
    const spec *expected = &c->callee->specs[c->callee->inputs + number];
    sw_tensor *made = &c->made[number];
    uint64_t bytes = (uint64_t)dtype_size(expected->dtype);
    int32_t axis;
    made->dtype = expected->dtype;
    made->rank = expected->rank;
    for (axis = 0; axis < expected->rank; axis++) {
        made->sizes[axis] = expected->sizes[axis] < 0 ? *sizes++ : expected->sizes[axis];
    }
    for (axis = 0; axis < expected->rank; axis++) {
        uint64_t size = (uint64_t)made->sizes[axis];
        if (size != 0 && bytes > UINT64_MAX / 2 / size) bytes = UINT64_MAX / 2;
        else bytes *= size;
    }
    release(made->data);
    made->data = reserve(bytes);
    return made->data;
}

static int32_t no_memory(sw_error *error, const char *name, const char *what) {
    char nowhere[SW_MESSAGE_SIZE];
    writer w = begin(error, SW_RESOURCE_EXHAUSTED, nowhere);
    put(&w, name);
    put(&w, ": there is not enough memory for ");
    put(&w, what);
    return SW_RESOURCE_EXHAUSTED;
}

/* ---- arguments ---- */

static int64_t bytes_of(const sw_tensor *tensor) {
    int64_t bytes = dtype_size(tensor->dtype);
    int32_t axis;
    for (axis = 0; axis < tensor->rank; axis++) bytes *= tensor->sizes[axis];
    return bytes;
}

static int32_t overlap(const void *a, int64_t a_bytes, const void *b, int64_t b_bytes) {
    uintptr_t first = (uintptr_t)a, second = (uintptr_t)b;
    return first < second + (uintptr_t)b_bytes && second < first + (uintptr_t)a_bytes;
}

/* What is wrong with an argument; NULL if it fits. */
static const char *misfit(const spec *expected, const sw_tensor *given) {
    int64_t elements = 1;
    int32_t axis, size = dtype_size(expected->dtype);
    if (given == NULL) return "a tensor";
    if (given->dtype != expected->dtype) return "dtype";
    if (given->rank != expected->rank) return "shape";
    for (axis = 0; axis < expected->rank; axis++) {
        int64_t found = given->sizes[axis];
        if (found < 0 || (expected->sizes[axis] >= 0 && found != expected->sizes[axis])) return "shape";
        if (found != 0 && elements > (INT64_MAX / 16) / found) return "shape";
        elements *= found;
    }
    if (elements > 0 && given->data == NULL) return "data";
    if ((uintptr_t)given->data % (uintptr_t)(size > 8 ? 8 : size) != 0) return "aligned data";
    return NULL;
}

static int32_t refuse(const function *callee, const spec *expected, const sw_tensor *given, const char *what,
                      sw_error *error) {
    char nowhere[SW_MESSAGE_SIZE];
    writer w = begin(error, SW_INVALID_ARGUMENT, nowhere);
    put(&w, callee->name);
    put(&w, ": argument ");
    put(&w, expected->name);
    put(&w, ": expected ");
    put(&w, what);
    if (strcmp(what, "dtype") == 0) {
        put(&w, " ");
        put(&w, dtype_name(expected->dtype));
        put(&w, ", got ");
        put(&w, dtype_name(given->dtype));
    } else if (strcmp(what, "shape") == 0) {
        put(&w, " ");
        put_shape(&w, expected->sizes, expected->rank);
        put(&w, ", got ");
        if (given->rank < 0 || given->rank > SW_MAX_RANK) { put(&w, "rank "); put_integer(&w, given->rank); }
        else put_shape(&w, given->sizes, given->rank);
    } else put(&w, ", got NULL or an address that is no multiple of the size of an element");
    return SW_INVALID_ARGUMENT;
}

/* Check that sizes of one name are equal; `named` has those that are known, and -1. */
static int32_t unequal(const function *callee, const spec *expected, const sw_tensor *given, int64_t *named,
                       sw_error *error) {
    char nowhere[SW_MESSAGE_SIZE];
    int32_t axis;
    for (axis = 0; axis < expected->rank; axis++) {
        int64_t number = -2 - expected->sizes[axis];
        writer w;
        if (number < 0) continue;
        if (named[number] < 0) named[number] = given->sizes[axis];
        if (named[number] == given->sizes[axis]) continue;
        w = begin(error, SW_INVALID_ARGUMENT, nowhere);
        put(&w, callee->name);
        put(&w, ": argument ");
        put(&w, expected->name);
        put(&w, ": expected size ");
        put_integer(&w, named[number]);
        put(&w, " in dimension ");
        put_integer(&w, axis);
        put(&w, ", as ");
        put(&w, callee->size_names[number]);
        put(&w, " has elsewhere, got ");
        put_integer(&w, given->sizes[axis]);
        return SW_INVALID_ARGUMENT;
    }
    return SW_OK;
}

static int32_t shared(const function *callee, const spec *expected, sw_error *error) {
    char nowhere[SW_MESSAGE_SIZE];
    writer w = begin(error, SW_INVALID_ARGUMENT, nowhere);
    put(&w, callee->name);
    put(&w, ": argument ");
    put(&w, expected->name);
    put(&w, ": expected memory of its own, got that of a Variable which the function assigns");
    return SW_INVALID_ARGUMENT;
}

/* Check the inputs; note their addresses, and the sizes that the kernel asks for. */
static int32_t take_inputs(const function *callee, const sw_tensor *const *inputs, const captured *held, void **data,
                           int64_t **sizes, sw_error *error) {
    int64_t named[MOST_NAMES];
    int32_t number, axis, i;
    for (i = 0; i < MOST_NAMES; i++) named[i] = -1;
    for (number = 0; number < callee->inputs; number++) {
        const spec *expected = &callee->specs[number];
        const char *what = misfit(expected, inputs[number]);
        if (what != NULL) return refuse(callee, expected, inputs[number], what, error);
        if (unequal(callee, expected, inputs[number], named, error) != SW_OK) return SW_INVALID_ARGUMENT;
        for (i = 0; i < callee->captures; i++) {
            if (held[i].written && overlap(inputs[number]->data, bytes_of(inputs[number]), held[i].data, held[i].bytes))
                return shared(callee, expected, error);
        }
        data[number] = inputs[number]->data;
        for (axis = 0; axis < expected->rank; axis++)
            if (expected->sizes[axis] < 0) *(*sizes)++ = inputs[number]->sizes[axis];
    }
    return SW_OK;
}

/* ---- calls ---- */

static int32_t run(const function *callee, const sw_tensor *const *inputs, sw_tensor *const *outputs,
                   const captured *held, sw_error *error) {
    void *data[MOST_OPERANDS];
    int64_t sizes[MOST_SIZES], *free_size = sizes;
    call c;
    void *arena = NULL;
    int32_t status, i;
    memset(&c, 0, sizeof c);
    c.callee = callee;
    c.words[WORD_BUDGET] = INT64_MAX;
    status = take_inputs(callee, inputs, held, data, &free_size, error);
    if (status != SW_OK) return status;
    for (i = 0; i < callee->captures; i++) data[callee->inputs + i] = held[i].data;
    for (i = 0; i < callee->captured_sizes_count; i++) *free_size++ = callee->captured_sizes[i];
    if (callee->arena > 0) {
        arena = reserve((uint64_t)callee->arena);
        if (arena == NULL) return no_memory(error, callee->name, "temporaries");
    }
    callee->kernel(c.words, arena, data, sizes);
    while (c.heap != NULL) NAME(free_block)(&c, (char *)c.heap + ALIGNMENT);
    release(arena);
    if (c.words[WORD_STATUS] == FAILED) {
        for (i = 0; i < callee->results; i++) release(c.made[i].data);
        return failed_check(&c, error);
    }
    for (i = 0; i < callee->results; i++) {
        if (outputs[i] != NULL) *outputs[i] = c.made[i];
        else release(c.made[i].data);
    }
    if (error != NULL) { error->code = SW_OK; error->message[0] = 0; }
    return SW_OK;
}

void PUBLIC(free)(sw_tensor *tensor) {
    release(tensor->data);
    tensor->data = NULL;
}
