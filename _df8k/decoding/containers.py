"""Which format a file has, by its content; which ones are taken, and what is said of the others."""

from collections.abc import Mapping
from typing import Final


def _suffixes(words: str) -> frozenset[str]:
    return frozenset(f".{word}" for word in words.split())


# File name endings of photographs, taken or not: files with them always get a row of the manifest.
TAKEN_SUFFIXES: Final = _suffixes("jpg jpeg jpe jfif jif jfi pjpeg pjp mpo png apng tif tiff webp bmp dib")
OPTIONAL_SUFFIXES: Final = _suffixes(
    "heic heif hif avif jxl dng cr2 cr3 crw nef nrw arw srf sr2 raf rw2 orf pef srw x3f 3fr fff iiq "
    "rwl mrw erf kdc dcr mos mef"
)
REFUSED_SUFFIXES: Final = _suffixes(
    "gif jp2 j2k jpf jpx jpm j2c psd psb exr hdr pic pbm pgm ppm pnm pam tga ico cur svg svgz eps pdf "
    "xcf dds jxr wdp hdp pcx sgi ras fits fit qoi icns emf wmf"
)
SUFFIXES: Final = TAKEN_SUFFIXES | OPTIONAL_SUFFIXES | REFUSED_SUFFIXES

_MAGIC: Final[tuple[tuple[bytes, int, str], ...]] = (
    (b"\xff\xd8\xff", 0, "JPEG"),
    (b"\x89PNG\r\n\x1a\n", 0, "PNG"),
    (b"WEBP", 8, "WEBP"),
    (b"BM", 0, "BMP"),
    (b"\xff\x0a", 0, "JXL"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", 0, "JXL"),
    (b"CR", 8, "RAW"),  # Canon's, inside TIFF
    (b"FUJIFILMCCD-RAW", 0, "RAW"),
    (b"IIU\0", 0, "RAW"),
    (b"IIRO", 0, "RAW"),
    (b"IIRS", 0, "RAW"),
    (b"MMOR", 0, "RAW"),
    (b"FOVb", 0, "RAW"),
    (b"\0MRM", 0, "RAW"),
    (b"HEAPCCDR", 6, "RAW"),
    (b"II*\0", 0, "TIFF"),
    (b"MM\0*", 0, "TIFF"),
    (b"II+\0", 0, "TIFF"),
    (b"MM\0+", 0, "TIFF"),
    (b"GIF87a", 0, "GIF"),
    (b"GIF89a", 0, "GIF"),
    (b"\0\0\0\x0cjP  ", 0, "JPEG 2000"),
    (b"\xff\x4f\xff\x51", 0, "JPEG 2000"),
    (b"8BPS", 0, "Photoshop"),
    (b"\x76\x2f\x31\x01", 0, "OpenEXR"),
    (b"#?RADIANCE", 0, "Radiance HDR"),
    (b"#?RGBE", 0, "Radiance HDR"),
    (b"%PDF", 0, "PDF"),
    (b"%!PS", 0, "PostScript"),
    (b"gimp xcf", 0, "GIMP"),
    (b"DDS ", 0, "DirectDraw surface"),
    (b"II\xbc\x01", 0, "JPEG XR"),
    (b"qoif", 0, "QOI"),
    (b"\0\0\1\0", 0, "icon"),
    (b"SIMPLE  =", 0, "FITS"),
)
_BRANDS: Final[Mapping[bytes, str]] = {
    b"avif": "AVIF",
    b"avis": "AVIF",
    b"heic": "HEIC",
    b"heix": "HEIC",
    b"heim": "HEIC",
    b"heis": "HEIC",
    b"hevc": "HEIC",
    b"hevx": "HEIC",
    b"mif1": "HEIC",
    b"msf1": "HEIC",
    b"crx ": "RAW",
}
_EXTRAS: Final[Mapping[str, str]] = {"HEIC": "heif", "AVIF": "heif", "JXL": "jxl", "RAW": "raw"}
_TITLES: Final[Mapping[str, str]] = {"JXL": "JPEG XL", "RAW": "camera RAW"}


def container_of(data: bytes) -> str:
    """Name the format of a file by its first bytes.

    Returns:
        a key of the readers (``JPEG``, ``PNG``, ``TIFF``, ``WEBP``, ``BMP``, ``AVIF``, ``HEIC``, ``JXL``,
        ``RAW``), the name of a known format that is not read, or an empty string.
    """
    if data[4:8] == b"ftyp":
        return _boxed(data)
    for magic, offset, name in _MAGIC:
        if data[offset : offset + len(magic)] == magic and (name != "WEBP" or data[:4] == b"RIFF"):
            if magic == b"CR" and data[:4] not in (b"II*\0", b"MM\0*"):
                continue
            return name
    if data[:1] == b"P" and data[1:2] in b"1234567fF" and data[2:3].isspace():
        return "PNM"
    return "SVG" if b"<svg" in data[:1024].lower() else ""


def _boxed(data: bytes) -> str:
    """Name the format of a file in ISO boxes by its brands, the major one first."""
    length = min(int.from_bytes(data[:4], "big"), 256)
    brands = [data[8:12], *(data[start : start + 4] for start in range(16, length, 4))]
    known = [_BRANDS[brand] for brand in brands if brand in _BRANDS]
    if "AVIF" in known:  # mif1 alone says that it is a picture, not how it is coded
        return "AVIF"
    return known[0] if known else "video"


def refusal(container: str, data: bytes) -> str:
    """Say why a file of this format is not taken, and what to do."""
    if not container:
        return f"not an image: starts with {data[:16]!r}"
    if container == "GIF":
        return "GIF is not taken: it holds at most 256 colours; give the original as PNG"
    if container in ("video", "PDF", "SVG", "PostScript", "icon", "FITS"):
        return f"a {container} file, not a photograph"
    return f"{container} is not taken: save the picture as PNG or TIFF"


def install(container: str) -> str:
    """Say what to install to read a format."""
    title = _TITLES.get(container, container)
    return f"{title} needs a package that is not installed: pip install 'df8k[{_EXTRAS[container]}]'"
