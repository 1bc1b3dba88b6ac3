# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Sequence
from stepwell import Tensor
from stepwell.types import CombinedNonMaxSuppression, DTypeLike, DistortedBoundingBox, ShapeLike, TensorLike

class ResizeMethod:
    """The methods of `resize`, by name."""
    BILINEAR = 'bilinear'
    NEAREST_NEIGHBOR = 'nearest'
    BICUBIC = 'bicubic'
    AREA = 'area'
    LANCZOS3 = 'lanczos3'
    LANCZOS5 = 'lanczos5'
    GAUSSIAN = 'gaussian'
    MITCHELLCUBIC = 'mitchellcubic'

def adjust_brightness(image: TensorLike, delta: TensorLike) -> Tensor:
    """Images with `delta` added, which is relative to the greatest value of their dtype."""

def adjust_contrast(images: TensorLike, contrast_factor: TensorLike) -> Tensor:
    """Images whose distances from the mean of each channel are multiplied."""

def adjust_gamma(image: TensorLike, gamma: TensorLike = 1, gain: TensorLike = 1) -> Tensor:
    """Images to the power of `gamma`, multiplied by `gain`."""

def adjust_hue(image: TensorLike, delta: TensorLike, name: str | None = None) -> Tensor:
    """Images whose hue is turned by `delta`, a part of the whole circle."""

def adjust_saturation(image: TensorLike, saturation_factor: TensorLike, name: str | None = None) -> Tensor:
    """Images whose saturation is multiplied, and at most 1."""

def central_crop(image: TensorLike, central_fraction: float) -> Tensor:
    """The middle of an image, or of several, of a part of its height and width."""

def combined_non_max_suppression(
    boxes: TensorLike,
    scores: TensorLike,
    max_output_size_per_class: TensorLike,
    max_total_size: TensorLike,
    iou_threshold: TensorLike = 0.5,
    score_threshold: TensorLike = ...,
    pad_per_class: bool = False,
    clip_boxes: bool = True,
    name: str | None = None,
) -> CombinedNonMaxSuppression:
    """The boxes with the highest scores in each image, without those that overlap a better one of the same class."""

def convert_image_dtype(
    image: TensorLike,
    dtype: DTypeLike,
    saturate: bool = False,
    name: str | None = None,
) -> Tensor:
    """Images in another dtype: floats lie between 0 and 1, integers between 0 and the greatest one."""

def crop_and_resize(
    image: TensorLike,
    boxes: TensorLike,
    box_indices: TensorLike,
    crop_size: ShapeLike,
    method: str = 'bilinear',
    extrapolation_value: float = 0.0,
    name: str | None = None,
) -> Tensor:
    """Parts of a batch of images, all made of one height and width."""

def crop_to_bounding_box(
    image: TensorLike,
    offset_height: TensorLike,
    offset_width: TensorLike,
    target_height: TensorLike,
    target_width: TensorLike,
) -> Tensor:
    """The part of an image, or of several, of a height and a width, from a row and a column on."""

def decode_and_crop_jpeg(
    contents: TensorLike,
    crop_window: TensorLike,
    channels: int = 0,
    ratio: int = 1,
    fancy_upscaling: bool = True,
    try_recover_truncated: bool = False,
    acceptable_fraction: float = 1,
    dct_method: str = '',
    name: str | None = None,
) -> Tensor:
    """A part of the image in a JPEG file, of uint8: `[height, width, channels]`. Needs Pillow."""

def decode_bmp(contents: TensorLike, channels: int = 0, name: str | None = None) -> Tensor:
    """The image in a BMP file, of uint8: `[height, width, channels]`; see `decode_png`. Needs Pillow."""

def decode_gif(contents: TensorLike, name: str | None = None) -> Tensor:
    """The images of a GIF file, of uint8: `[images, height, width, 3]`. Needs Pillow."""

def decode_image(
    contents: TensorLike,
    channels: int | None = None,
    dtype: DTypeLike = ...,
    name: str | None = None,
    expand_animations: bool = True,
) -> Tensor:
    """The image in a file of PNG, JPEG, BMP, GIF or WebP: `[height, width, channels]`. Needs Pillow."""

def decode_jpeg(
    contents: TensorLike,
    channels: int = 0,
    ratio: int = 1,
    fancy_upscaling: bool = True,
    try_recover_truncated: bool = False,
    acceptable_fraction: float = 1,
    dct_method: str = '',
    name: str | None = None,
) -> Tensor:
    """The image in a JPEG file, of uint8: `[height, width, channels]`. Needs Pillow."""

def decode_png(contents: TensorLike, channels: int = 0, dtype: DTypeLike = ..., name: str | None = None) -> Tensor:
    """The image in a PNG file: `[height, width, channels]`. Needs Pillow."""

def draw_bounding_boxes(
    images: TensorLike,
    boxes: TensorLike,
    colors: TensorLike | None,
    name: str | None = None,
) -> Tensor:
    """Images with frames of boxes, one pixel wide; a later box is drawn over earlier ones."""

def encode_jpeg(image: TensorLike, format: str = '', quality: int = 95, name: str | None = None) -> Tensor:
    """An image as the contents of a JPEG file. Needs Pillow."""

def encode_png(image: TensorLike, compression: int = -1, name: str | None = None) -> Tensor:
    """An image as the contents of a PNG file. Needs Pillow."""

def extract_jpeg_shape(contents: TensorLike, output_type: DTypeLike = ..., name: str | None = None) -> Tensor:
    """The height, the width and the number of channels of the image in a file. Needs Pillow."""

def extract_patches(
    images: TensorLike,
    sizes: object,
    strides: object,
    rates: object,
    padding: str,
    name: str | None = None,
) -> Tensor:
    """The elements of windows over a batch of images, those of each window along the last axis."""

def flip_left_right(image: TensorLike) -> Tensor:
    """An image, or several, with the columns in reverse order."""

def flip_up_down(image: TensorLike) -> Tensor:
    """An image, or several, with the rows in reverse order."""

def grayscale_to_rgb(images: TensorLike, name: str | None = None) -> Tensor:
    """Colours of one brightness: three equal channels of one."""

def hsv_to_rgb(images: TensorLike, name: str | None = None) -> Tensor:
    """Hue, saturation and value as red, green and blue."""

def image_gradients(image: TensorLike) -> tuple[Tensor, Tensor]:
    """The differences to the next row, and to the next column; 0 in the last ones."""

def is_jpeg(contents: TensorLike, name: str | None = None) -> Tensor:
    """Whether strings begin as JPEG files do."""

def non_max_suppression(
    boxes: TensorLike,
    scores: TensorLike,
    max_output_size: TensorLike,
    iou_threshold: TensorLike = 0.5,
    score_threshold: TensorLike = ...,
    name: str | None = None,
) -> Tensor:
    """The indices of the boxes with the highest scores, without those that overlap a better one."""

def non_max_suppression_overlaps(
    overlaps: TensorLike,
    scores: TensorLike,
    max_output_size: TensorLike,
    overlap_threshold: TensorLike = 0.5,
    score_threshold: TensorLike = ...,
    name: str | None = None,
) -> Tensor:
    """The indices of what has the highest scores, without what overlaps something better."""

def non_max_suppression_padded(
    boxes: TensorLike,
    scores: TensorLike,
    max_output_size: TensorLike,
    iou_threshold: TensorLike = 0.5,
    score_threshold: TensorLike = ...,
    pad_to_max_output_size: bool = False,
    name: str | None = None,
    sorted_input: bool = False,
    canonicalized_coordinates: bool = False,
    tile_size: int = 512,
) -> tuple[Tensor, Tensor]:
    """The indices that `non_max_suppression` returns, filled up with zeros, and how many they are, as int32."""

def non_max_suppression_with_scores(
    boxes: TensorLike,
    scores: TensorLike,
    max_output_size: TensorLike,
    iou_threshold: float = 0.5,
    score_threshold: float = ...,
    soft_nms_sigma: float = 0.0,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The indices of the boxes with the highest scores, and their scores, lowered by how much they overlap better ones."""

def pad_to_bounding_box(
    image: TensorLike,
    offset_height: TensorLike,
    offset_width: TensorLike,
    target_height: TensorLike,
    target_width: TensorLike,
) -> Tensor:
    """An image, or several, from a row and a column of a larger one on, with zeros around it."""

def per_image_standardization(image: TensorLike) -> Tensor:
    """Each image less its mean, divided by its standard deviation, which counts as that of one element at least."""

def psnr(a: TensorLike, b: TensorLike, max_val: TensorLike, name: str | None = None) -> Tensor:
    """The peak signal-to-noise ratio of pairs of images, in decibels; infinity for equal ones."""

def random_brightness(image: TensorLike, max_delta: float, seed: int | None = None) -> Tensor:
    """What `adjust_brightness` returns for a number between `-max_delta` and `max_delta`."""

def random_contrast(image: TensorLike, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """What `adjust_contrast` returns for a number between two limits."""

def random_crop(value: TensorLike, size: ShapeLike, seed: int | None = None, name: str | None = None) -> Tensor:
    """A part of a tensor, of a size, from anywhere in it."""

def random_flip_left_right(image: TensorLike, seed: int | None = None) -> Tensor:
    """An image, or each of several, with its columns in reverse order in one of two cases."""

def random_flip_up_down(image: TensorLike, seed: int | None = None) -> Tensor:
    """An image, or each of several, with its rows in reverse order in one of two cases."""

def random_hue(image: TensorLike, max_delta: float, seed: int | None = None) -> Tensor:
    """What `adjust_hue` returns for a number between `-max_delta` and `max_delta`, at most 1/2."""

def random_saturation(image: TensorLike, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """What `adjust_saturation` returns for a number between two limits."""

def resize(
    images: TensorLike,
    size: ShapeLike,
    method: str = ...,
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
    name: str | None = None,
) -> Tensor:
    """Images of another height and width."""

def resize_with_crop_or_pad(image: TensorLike, target_height: TensorLike, target_width: TensorLike) -> Tensor:
    """The middle of an image, or of several, where that is too large; zeros around it where it is too small."""

def resize_with_pad(
    image: TensorLike,
    target_height: TensorLike,
    target_width: TensorLike,
    method: str = ...,
    antialias: bool = False,
) -> Tensor:
    """An image of its own proportions in the middle of one of another size, with zeros around it."""

def rgb_to_grayscale(images: TensorLike, name: str | None = None) -> Tensor:
    """The brightness of colours: one channel of three."""

def rgb_to_hsv(images: TensorLike, name: str | None = None) -> Tensor:
    """Red, green and blue as hue, saturation and value, all between 0 and 1."""

def rgb_to_yiq(images: TensorLike) -> Tensor:
    """Red, green and blue as brightness, in-phase and quadrature."""

def rgb_to_yuv(images: TensorLike) -> Tensor:
    """Red, green and blue as brightness and two differences of colour."""

def rot90(image: TensorLike, k: int = 1, name: str | None = None) -> Tensor:
    """An image, or several, turned to the left by `k` right angles."""

def sample_distorted_bounding_box(
    image_size: TensorLike,
    bounding_boxes: TensorLike,
    seed: int = 0,
    min_object_covered: TensorLike = 0.1,
    aspect_ratio_range: Sequence[float] | None = None,
    area_range: Sequence[float] | None = None,
    max_attempts: int | None = None,
    use_image_if_no_bounding_boxes: bool | None = None,
    name: str | None = None,
) -> DistortedBoundingBox:
    """A random part of an image that shows enough of one of some objects: for training with images that differ."""

def sobel_edges(image: TensorLike) -> Tensor:
    """The slopes of images down and to the right, by Sobel's filters, along a new last axis."""

def ssim(
    img1: TensorLike,
    img2: TensorLike,
    max_val: TensorLike,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    return_index_map: bool = False,
) -> Tensor:
    """How alike pairs of images are, from -1 to 1: their structural similarity (Wang and others, 2004)."""

def ssim_multiscale(
    img1: TensorLike,
    img2: TensorLike,
    max_val: TensorLike,
    power_factors: object = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333),
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Tensor:
    """How alike pairs of images are, at several scales (Wang, Simoncelli and Bovik, 2003)."""

def stateless_random_brightness(image: TensorLike, max_delta: float, seed: TensorLike) -> Tensor:
    """What `random_brightness` returns, decided by two integers."""

def stateless_random_contrast(image: TensorLike, lower: float, upper: float, seed: TensorLike) -> Tensor:
    """What `random_contrast` returns, decided by two integers."""

def stateless_random_crop(value: TensorLike, size: ShapeLike, seed: TensorLike, name: str | None = None) -> Tensor:
    """What `random_crop` returns, decided by two integers."""

def stateless_random_flip_left_right(image: TensorLike, seed: TensorLike) -> Tensor:
    """What `random_flip_left_right` returns, decided by two integers."""

def stateless_random_flip_up_down(image: TensorLike, seed: TensorLike) -> Tensor:
    """What `random_flip_up_down` returns, decided by two integers."""

def stateless_random_hue(image: TensorLike, max_delta: float, seed: TensorLike) -> Tensor:
    """What `random_hue` returns, decided by two integers."""

def stateless_random_saturation(
    image: TensorLike,
    lower: float,
    upper: float,
    seed: TensorLike | None = None,
) -> Tensor:
    """What `random_saturation` returns, decided by two integers."""

def stateless_sample_distorted_bounding_box(
    image_size: TensorLike,
    bounding_boxes: TensorLike,
    seed: TensorLike,
    min_object_covered: TensorLike = 0.1,
    aspect_ratio_range: Sequence[float] | None = None,
    area_range: Sequence[float] | None = None,
    max_attempts: int | None = None,
    use_image_if_no_bounding_boxes: bool | None = None,
    name: str | None = None,
) -> DistortedBoundingBox:
    """Like `sample_distorted_bounding_box`, but always the same for the same `seed`, two integers."""

def total_variation(images: TensorLike, name: str | None = None) -> Tensor:
    """The sum of the distances of neighbours, one number for each image."""

def transpose(image: TensorLike, name: str | None = None) -> Tensor:
    """An image, or several, with rows and columns exchanged."""

def yiq_to_rgb(images: TensorLike) -> Tensor:
    """Brightness, in-phase and quadrature as red, green and blue."""

def yuv_to_rgb(images: TensorLike) -> Tensor:
    """Brightness and two differences of colour as red, green and blue."""
