/* Reads images and labels from a file, and prints how many of them the model reads right. */
#include <stdio.h>
#include <stdlib.h>
#include "digits.h"

int main(int argc, char **argv) {
    long count = argc > 2 ? atol(argv[2]) : 0;
    float *images = malloc(sizeof(float) * 64 * (size_t)count);
    int *labels = malloc(sizeof(int) * (size_t)count);
    FILE *file = argc > 2 ? fopen(argv[1], "rb") : NULL;
    sw_tensor x = {images, SW_FLOAT32, 2, {count, 64}};
    sw_tensor scores;
    sw_error error;
    long right = 0, row;
    int column, best;

    if (!file || fread(images, sizeof(float) * 64, (size_t)count, file) != (size_t)count) return 1;
    if (fread(labels, sizeof(int), (size_t)count, file) != (size_t)count) return 1;
    if (digits_scores(&x, &scores, &error) != SW_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    for (row = 0; row < count; row++) {
        const float *found = (const float *)scores.data + 10 * row;
        for (best = 0, column = 1; column < 10; column++)
            if (found[column] > found[best]) best = column;
        right += best == labels[row];
    }
    printf("%.4f\n", (double)right / (double)count);
    digits_free(&scores);
    fclose(file);
    free(images);
    free(labels);
    return 0;
}
