"""`keras.ops.image`."""

from .colors import hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv
from .coordinates import MAP_COORDINATES_FILL_MODES, map_coordinates
from .filters import gaussian_blur, sobel_edges
from .resizing import RESIZE_INTERPOLATIONS, resize, scale_and_translate
from .transforms import (
    AFFINE_TRANSFORM_FILL_MODES,
    AFFINE_TRANSFORM_INTERPOLATIONS,
    affine_transform,
    compute_homography_matrix,
    elastic_transform,
    perspective_transform,
)
