/// An error that people meet: it carries a stable code, and knows whether trying again can help.
pub trait Coded: std::error::Error {
    /// A stable, lower-case, snake-case word, e.g. `event_too_large`. Never renamed once released.
    fn code(&self) -> &'static str;

    /// Whether the same call may succeed later without being changed.
    fn is_retryable(&self) -> bool {
        false
    }
}
