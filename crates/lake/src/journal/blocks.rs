use aligned_vec::{AVec, ConstAlign};

/// What disks write as a whole, and what memory and places must be multiples of to pass the kernel's cache by.
pub(super) const BLOCK_BYTES: usize = 4096;

/// Bytes that start where a block may start.
pub(super) type Blocks = AVec<u8, ConstAlign<BLOCK_BYTES>>;

pub(super) fn no_blocks() -> Blocks {
    Blocks::new(BLOCK_BYTES)
}

/// So many zeros.
pub(super) fn zeros(bytes: usize) -> Blocks {
    let mut blocks = no_blocks();
    blocks.resize(bytes, 0);
    blocks
}

/// Adds zeros up to the end of the last block.
pub(super) fn fill_up(blocks: &mut Blocks) {
    blocks.resize(blocks.len().next_multiple_of(BLOCK_BYTES), 0);
}

/// Where the block starts that holds a place.
pub(super) fn block_of(place: u64) -> u64 {
    place - place % BLOCK_BYTES as u64
}

/// Whether bytes are whole blocks, in memory as in the file.
pub(super) fn are_blocks(bytes: &[u8], offset: u64) -> bool {
    let is_whole = |number: usize| number.is_multiple_of(BLOCK_BYTES);
    is_whole(bytes.as_ptr() as usize) && is_whole(bytes.len()) && block_of(offset) == offset
}
