//! SQLite keeps the rules that every ledger keeps.

#![expect(clippy::unwrap_used, reason = "a test's helpers may panic")]

/// In files.
mod file {
    use guestlist_ledger::{SqliteLedger, conformance, conformance_suite};

    struct Files(tempfile::TempDir);

    impl Default for Files {
        fn default() -> Self {
            Self(tempfile::tempdir().unwrap())
        }
    }

    impl conformance::Stores for Files {
        type Ledger = SqliteLedger;

        async fn open(&self, name: &str) -> SqliteLedger {
            let path = self.0.path().join(name).with_extension("db");
            SqliteLedger::open(path).await.unwrap()
        }
    }

    conformance_suite!(Files);
}

/// In memory.
mod memory {
    use guestlist_ledger::{SqliteLedger, conformance, conformance_suite};

    #[derive(Default)]
    struct Memory;

    impl conformance::Stores for Memory {
        type Ledger = SqliteLedger;

        async fn open(&self, _: &str) -> SqliteLedger {
            SqliteLedger::in_memory().await.unwrap()
        }
    }

    conformance_suite!(Memory, volatile);
}
