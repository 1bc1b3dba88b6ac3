/* Memory for a Variable, with its first value. */
static int32_t keep(sw_tensor *variable, const void *value, int32_t dtype, int32_t rank, const int64_t *sizes,
                    sw_error *error) {
    int32_t axis;
    int64_t bytes;
    variable->dtype = dtype;
    variable->rank = rank;
    for (axis = 0; axis < rank; axis++) variable->sizes[axis] = sizes[axis];
    bytes = bytes_of(variable);
    variable->data = reserve((uint64_t)bytes);
    if (variable->data == NULL) return no_memory(error, "init", "a Variable");
    memcpy(variable->data, value, (size_t)bytes);
    return SW_OK;
}
