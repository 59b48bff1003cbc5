"""Loops over corners' descriptions, compiled when images are first compared."""

import numpy as np
import numpy.typing as npt

from _df8k.kernels import serial_kernel

from .hash_kernels import bit_count

_BLOCK = 6  # log2 of the bits of a block of a description
_BLOCK_BITS = np.uint64(63)
_OWNER = np.uint64(0xFFFFFFFF)
_1, _32 = np.uint64(1), np.uint64(32)

_Numbers = npt.NDArray[np.int64]
_Codes = npt.NDArray[np.uint64]
_Points = npt.NDArray[np.complex64]


@serial_kernel
def matched(first: _Codes, second: _Codes, farthest: int, count: int) -> _Numbers:
    """Pair descriptions that are each other's nearest; of equally near ones the first counts.

    Args:
        first: uint64 ``(N, 4)``.
        second: uint64 ``(M, 4)``, at least one.
        farthest: bits in which a pair may differ.
        count: of pairs, at most.

    Returns:
        int64 ``(2, K)``: indices into the first and into the second, the nearest pairs first.
    """
    rows, columns = first.shape[0], second.shape[0]
    blocks = second.T.copy()  # loops over neighbours in memory become vector instructions
    far = np.int32(64 * first.shape[1] + 1)
    nearest, bits = np.empty(rows, np.int64), np.empty(rows, np.int32)
    back, back_bits = np.zeros(columns, np.int32), np.full(columns, far, np.int32)
    distances = np.empty(columns, np.int32)
    for row in range(rows):
        distances[:] = 0
        for block in range(first.shape[1]):
            code = first[row, block]
            for column in range(columns):
                distances[column] += np.int32(bit_count(code ^ blocks[block, column]))
        least = far
        for column in range(columns):
            least = min(least, distances[column])
            nearer = distances[column] < back_bits[column]
            back[column] = np.int32(row) if nearer else back[column]
            back_bits[column] = min(back_bits[column], distances[column])
        bits[row] = least
        column = 0
        while distances[column] != least:
            column += 1
        nearest[row] = column
    mutual = np.empty(rows, np.int64)
    of_these = 0
    for row in range(rows):
        if bits[row] <= farthest and back[nearest[row]] == row:
            mutual[of_these] = row
            of_these += 1
    mutual = mutual[:of_these]
    mutual = mutual[np.argsort(bits[mutual], kind="mergesort")][:count]
    return np.stack((mutual, nearest[mutual]))


@serial_kernel
def most_agreed(
    here: _Points, there: _Points, tolerance: float, scales: tuple[float, float]
) -> tuple[complex, complex, int]:
    """Let every two matches propose a similarity ``turn * point + shift``, and count the matches that agree.

    Args:
        here: complex64 ``(N,)``, matched corners in one image.
        there: likewise in the other.
        tolerance: px within which a match agrees, of the larger image.
        scales: between which a similarity's scale must lie.

    Returns:
        turn, shift and support of the first proposal with the most support; 0 of it where none is plausible.
    """
    x, y = here.real.astype(np.float64), here.imag.astype(np.float64)
    u, v = there.real.astype(np.float64), there.imag.astype(np.float64)
    best, turn, shift = 0, 0j, 0j
    for one in range(len(x)):
        for two in range(one + 1, len(x)):
            across, down = x[one] - x[two], y[one] - y[two]
            apart = across * across + down * down
            if apart <= (4 * tolerance) ** 2:
                continue
            along, beside = u[one] - u[two], v[one] - v[two]
            a, b = (along * across + beside * down) / apart, (beside * across - along * down) / apart
            scale = a * a + b * b
            if not scales[0] ** 2 < scale < scales[1] ** 2:
                continue
            right, under = u[one] - (a * x[one] - b * y[one]), v[one] - (b * x[one] + a * y[one])
            limit = tolerance**2 * max(1.0, scale)
            support = 0
            for match in range(len(x)):
                across = a * x[match] - b * y[match] + right - u[match]
                down = b * x[match] + a * y[match] + under - v[match]
                support += across * across + down * down < limit
            if support > best:
                best, turn, shift = support, complex(a, b), complex(right, under)
    return turn, shift, best


@serial_kernel
def fitted(
    here: _Points, there: _Points, tolerance: float, turn: complex, shift: complex
) -> tuple[complex, complex, int]:
    """Fit a similarity by least squares to the matches that agree with one.

    Args:
        here: complex64 ``(N,)``, see `most_agreed`.
        there: likewise.
        tolerance: likewise.
        turn: of the similarity.
        shift: likewise.

    Returns:
        turn, shift, and how many agreed with the one that was given.
    """
    limit = (tolerance * max(1.0, abs(turn))) ** 2
    agreeing = np.empty(len(here), np.bool_)
    around, beyond, count = 0j, 0j, 0
    for match in range(len(here)):
        apart = turn * here[match] + shift - there[match]
        agreeing[match] = apart.real**2 + apart.imag**2 < limit
        if agreeing[match]:
            around, beyond, count = around + here[match], beyond + there[match], count + 1
    around, beyond = around / max(count, 1), beyond / max(count, 1)
    product, power = 0j, 0.0
    for match in range(len(here)):
        if agreeing[match]:
            from_here, from_there = here[match] - around, there[match] - beyond
            product += from_here.conjugate() * from_there
            power += from_here.real**2 + from_here.imag**2
    turn = product / max(power, 1e-6)
    return turn, beyond - turn * around, count


@serial_kernel
def draw_words(codes: npt.NDArray[np.uint64], tables: int, length: int, step: int) -> npt.NDArray[np.uint64]:
    """Draw a word of ``length`` bits, spread over the description, for each corner and table.

    Args:
        codes: uint64 ``(N, 4)``.
        tables: number of them; the table stands above the bits of a word.
        length: bits of a word.
        step: by which the bits of one table are moved against those of the table before.
    """
    size = 64 * codes.shape[1]
    stride = size // length
    words = np.empty(codes.shape[0] * tables, np.uint64)
    for corner in range(codes.shape[0]):
        for table in range(tables):
            word = np.uint64(table)
            for bit in range(length - 1, -1, -1):
                position = (step * table + stride * bit) % size
                value = codes[corner, position >> _BLOCK] >> (np.uint64(position) & _BLOCK_BITS)
                word = (word << _1) | (value & _1)
            words[corner * tables + table] = word
    return words


@serial_kernel
def spans(
    run: npt.NDArray[np.uint64], begins: _Numbers, shift: int, words: npt.NDArray[np.uint64]
) -> _Numbers:
    """Look up where the entries of words begin and end, int64 ``(2, N)``.

    Args:
        run: sorted entries, word in the upper half.
        begins: where the words of each prefix begin.
        shift: bits of a word below its prefix.
        words: uint64 ``(N,)``.
    """
    ends = np.empty((2, len(words)), np.int64)
    for index in range(len(words)):
        prefix = np.int64(words[index] >> np.uint64(shift))
        low, last = begins[prefix], begins[prefix + 1]
        for side in range(2):
            bound = (words[index] + np.uint64(side)) << _32
            step, high = np.int64(1), low  # from the beginning in growing steps: most words are rare
            while high < last and run[high] < bound:
                low, high = high + 1, high + step
                step *= 2
            high = min(high, last)
            while low < high:
                middle = (low + high) >> 1
                if run[middle] < bound:
                    low = middle + 1
                else:
                    high = middle
            ends[side, index] = low
    return ends


@serial_kernel
def add_scores(
    run: npt.NDArray[np.uint64],
    ends: _Numbers,
    weights: npt.NDArray[np.float64],
    scores: npt.NDArray[np.float64],
    images: _Numbers,
    count: int,
) -> int:
    """Add the weights of words to the scores of the images that have them, word after word.

    Args:
        run: see `spans`.
        ends: its result.
        weights: float64 ``(N,)``; words without a weight are passed over.
        scores: float64, of every image; zero for one without any such word.
        images: gets the numbers of those that have one.
        count: of them so far.

    Returns:
        the new count.
    """
    for index in range(len(weights)):
        if weights[index] > 0:
            for position in range(ends[0, index], ends[1, index]):
                image = np.int64(run[position] & _OWNER)
                if scores[image] == 0:
                    images[count] = image
                    count += 1
                scores[image] += weights[index]
    return count
