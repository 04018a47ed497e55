//! How a project names its model: the file's path, and a hash of what was in it.
//!
//! So a file that was moved into the user's folder is found again, and one that was trained again in
//! its old place is noticed. Projects of version 0.1 have the path alone.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A model file as a project names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct ModelFile {
    pub path: String,
    /// SHA-256 of its bytes in hexadecimal; `None` until it has been read.
    pub sha256: Option<String>,
}

/// What projects hold.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    /// Version 0.1.
    Path(String),
    File {
        path: String,
        sha256: Option<String>,
    },
}

impl From<Written> for ModelFile {
    fn from(written: Written) -> Self {
        match written {
            Written::Path(path) => Self { path, sha256: None },
            Written::File { path, sha256 } => Self { path, sha256 },
        }
    }
}

impl From<&Path> for ModelFile {
    fn from(path: &Path) -> Self {
        Self {
            path: path.to_string_lossy().into_owned(),
            sha256: None,
        }
    }
}

impl ModelFile {
    pub fn path(&self) -> PathBuf {
        PathBuf::from(&self.path)
    }
}

/// The hash of a file's bytes.
pub fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_of_all_versions_are_read() {
        let check = |text: &str, expect: Option<ModelFile>| {
            let read: Option<ModelFile> = serde_json::from_str(text).unwrap();
            assert_eq!(read, expect, "{text}");
        };
        let file = |sha256: Option<&str>| ModelFile {
            path: "/music/a.safetensors".into(),
            sha256: sha256.map(str::to_owned),
        };
        check("null", None);
        check(r#""/music/a.safetensors""#, Some(file(None)));
        let text = serde_json::to_string(&file(Some("ab"))).unwrap();
        check(&text, Some(file(Some("ab"))));
        assert!(serde_json::from_str::<Option<ModelFile>>("7").is_err());
    }

    #[test]
    fn the_hash_is_the_one_that_other_tools_print() {
        // Of nothing, as FIPS 180-4's reference values have it.
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256(b""), empty);
    }
}
