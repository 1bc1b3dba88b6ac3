#ifndef STEPWELL_INTERFACE
#define STEPWELL_INTERFACE 1

#define SW_MAX_RANK 8
#define SW_MESSAGE_SIZE 512

/* dtypes, with the codes of ONNX; SW_BOOL has one byte an element, 0 or 1, and complex elements are two floats */
enum {
    SW_FLOAT32 = 1, SW_UINT8 = 2, SW_INT8 = 3, SW_UINT16 = 4, SW_INT16 = 5, SW_INT32 = 6, SW_INT64 = 7, SW_BOOL = 9,
    SW_FLOAT16 = 10, SW_FLOAT64 = 11, SW_UINT32 = 12, SW_UINT64 = 13, SW_COMPLEX64 = 14, SW_COMPLEX128 = 15,
    SW_BFLOAT16 = 16
};

/* what functions return */
enum { SW_OK = 0, SW_INVALID_ARGUMENT = 3, SW_RESOURCE_EXHAUSTED = 8, SW_OUT_OF_RANGE = 11 };

/* A tensor: elements in row-major order, one behind the other. */
typedef struct sw_tensor {
    void *data;
    int32_t dtype;
    int32_t rank;
    int64_t sizes[SW_MAX_RANK];
} sw_tensor;

/* Why a function failed: the code that it returned, and a message, which names the line of the program. */
typedef struct sw_error {
    int32_t code;
    char message[SW_MESSAGE_SIZE];
} sw_error;

#elif STEPWELL_INTERFACE != 1
#error "headers of different versions of stepwell's native interface are included together"
#endif
