//! The system's allocator with a count that can be switched on.
//!
//! Switched off, an allocation costs one predictable branch more than without, for every peer alike.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};

static COUNTING: AtomicBool = AtomicBool::new(false);
static HELD: AtomicI64 = AtomicI64::new(0);

/// Passes everything on to [`System`].
pub struct Counted;

fn add(bytes: usize, sign: i64) {
    if COUNTING.load(Relaxed) {
        HELD.fetch_add(sign * bytes as i64, Relaxed);
    }
}

// SAFETY: each method hands its arguments to `System` unchanged and answers what it answered.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size(), 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size(), 1);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        add(layout.size(), -1);
        add(size, 1);
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        add(layout.size(), -1);
        unsafe { System.dealloc(block, layout) }
    }
}

/// Runs the work and answers how many bytes are held after it that were not held before.
pub fn count<T>(work: impl FnOnce() -> T) -> (T, i64) {
    HELD.store(0, Relaxed);
    COUNTING.store(true, Relaxed);
    let out = work();
    COUNTING.store(false, Relaxed);
    (out, HELD.load(Relaxed))
}
