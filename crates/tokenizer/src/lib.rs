//! Text to token ids: OpenAI's vocabularies embedded, any other from a `tokenizer.json`.
//!
//! Ids are those of the reference implementations (`tiktoken`, Hugging Face `tokenizers`), for texts of any length and
//! whatever was encoded before. Special tokens that happen to stand in a text are ordinary text: nothing an article
//! says can end a document. Without the feature `tokenizers` only the embedded ones are there. Knows neither documents nor stages.

mod bpe;
mod embedded;
#[cfg(feature = "tokenizers")]
mod file;
mod memo;
mod pieces;
#[cfg(feature = "tokenizers")]
mod roles;

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use embedded::{ENTRIES, Embedded, Entry};
#[cfg(feature = "tokenizers")]
use file::FileTokenizer;
#[cfg(feature = "tokenizers")]
use roles::Roles;
#[cfg(feature = "tokenizers")]
use tamis_text::hash;

/// The names of the embedded vocabularies. `r50k_base` is another name of `gpt2`.
pub const EMBEDDED: &[&str] = &["gpt2", "r50k_base", "p50k_base", "cl100k_base", "o200k_base"];

/// Turns text into token ids. One serves all threads.
pub struct Tokenizer {
    name: String,
    sha256: String,
    size: u32,
    bos: Option<u32>,
    eos: Option<u32>,
    /// Name and digest of the file that names `bos` or `eos`.
    roles_file: Option<(String, String)>,
    engine: Engine,
}

enum Engine {
    Embedded(Box<Embedded>),
    #[cfg(feature = "tokenizers")]
    File(Box<FileTokenizer>),
}

/// An embedded vocabulary, as `tamis tokenizer list` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// The name a config uses.
    pub name: &'static str,
    /// Number of ids, special tokens included.
    pub size: u32,
    /// The licence of the vocabulary, by its SPDX identifier.
    pub license: &'static str,
    /// SHA-256 of the vocabulary as it was published, in hexadecimal.
    pub sha256: &'static str,
}

/// Why there is no tokenizer, or why it cannot encode a text.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    /// No embedded vocabulary has this name, and nothing suggests that it is a path.
    #[error("no tokenizer `{name}`")]
    UnknownName {
        /// The name as written.
        name: String,
    },
    /// The file cannot be read.
    #[error("cannot read the tokenizer `{path}`: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A folder where a file should be.
    #[error("the tokenizer `{path}` is a folder")]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// The file is not JSON, or only its beginning.
    #[error("the tokenizer `{path}` is not JSON: {source}")]
    NotJson {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// The file is JSON, but no tokenizer that can be built.
    #[error("cannot build the tokenizer `{path}`: {cause}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is missing or unknown.
        cause: String,
    },
    /// The program was built without what reads these files.
    #[error("cannot read the tokenizer `{path}`: this program was built without the feature `tokenizers`")]
    LeftOut {
        /// The file.
        path: PathBuf,
    },
    /// The model has no id for some part of the text.
    #[error("cannot encode the text: {cause}")]
    Encode {
        /// What the model says.
        cause: String,
    },
}

impl Tokenizer {
    /// Finds the tokenizer `name`: an embedded vocabulary, else the path of a `tokenizer.json` relative to `folder`.
    ///
    /// # Errors
    /// As [`Tokenizer::from_file`], and if `name` is neither.
    pub fn open(name: &str, folder: &Path) -> Result<Self, TokenizerError> {
        if let Some(tokenizer) = Self::embedded(name) {
            return Ok(tokenizer);
        }
        let path = folder.join(name);
        let looks_like_a_path = name.contains(['/', '\\']) || name.ends_with(".json") || path.exists();
        if !looks_like_a_path {
            return Err(TokenizerError::UnknownName { name: name.to_owned() });
        }
        let mut tokenizer = Self::from_file(&path)?;
        name.clone_into(&mut tokenizer.name);
        if let Some((beside, _)) = &mut tokenizer.roles_file {
            *beside = Path::new(name).with_file_name(ROLES_FILE).to_string_lossy().into_owned();
        }
        Ok(tokenizer)
    }

    /// The embedded vocabulary `name`.
    ///
    /// ```
    /// use tamis_tokenizer::Tokenizer;
    /// let tokenizer = Tokenizer::embedded("gpt2").ok_or("it is embedded")?;
    /// let mut ids = Vec::new();
    /// tokenizer.encode_into("hello world", &mut ids)?;
    /// assert_eq!(ids, [31373, 995]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn embedded(name: &str) -> Option<Self> {
        let entry = ENTRIES.iter().find(|entry| entry.name == name)?;
        Some(Self {
            name: entry.name.to_owned(),
            sha256: entry.sha256.to_owned(),
            size: entry.size,
            bos: Some(entry.end_of_text),
            eos: Some(entry.end_of_text),
            roles_file: None,
            engine: Engine::Embedded(Box::new(entry.load())),
        })
    }

    /// Reads a `tokenizer.json` of any version. A `tokenizer_config.json` beside it may name its first and last token.
    ///
    /// # Errors
    /// If the file cannot be read, is no JSON, or describes a tokenizer that cannot be built; without the feature `tokenizers`
    /// always.
    pub fn from_file(path: &Path) -> Result<Self, TokenizerError> {
        if path.is_dir() {
            return Err(TokenizerError::Folder { path: path.to_owned() });
        }
        let bytes =
            std::fs::read(path).map_err(|source| TokenizerError::Unreadable { path: path.to_owned(), source })?;
        let config: Value = serde_json::from_slice(&bytes)
            .map_err(|source| TokenizerError::NotJson { path: path.to_owned(), source })?;
        Self::described(path, &bytes, config)
    }

    /// The tokenizer that the file at `path` describes; it holds `bytes`, which are `config`.
    #[cfg(feature = "tokenizers")]
    fn described(path: &Path, bytes: &[u8], config: Value) -> Result<Self, TokenizerError> {
        let file =
            FileTokenizer::new(config).map_err(|cause| TokenizerError::Invalid { path: path.to_owned(), cause })?;
        let roles = Roles::beside(path);
        let named = |role: &str| {
            let beside = roles.as_ref().and_then(|roles| roles.token(role));
            beside.or(file.role(role)).and_then(|token| file.added_token(token))
        };
        Ok(Self {
            name: path.to_string_lossy().into_owned(),
            sha256: hash::hex(&hash::sha256(bytes)),
            size: file.size,
            bos: named("bos_token").or(file.first),
            eos: named("eos_token").or(file.last),
            roles_file: roles.map(|roles| (ROLES_FILE.to_owned(), roles.sha256)),
            engine: Engine::File(Box::new(file)),
        })
    }

    #[cfg(not(feature = "tokenizers"))]
    fn described(path: &Path, _bytes: &[u8], _config: Value) -> Result<Self, TokenizerError> {
        Err(TokenizerError::LeftOut { path: path.to_owned() })
    }

    /// Appends the ids of `text` to `ids`. Adds no special tokens.
    ///
    /// # Errors
    /// If the model has no id for some part of the text; never with an embedded vocabulary.
    pub fn encode_into(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), TokenizerError> {
        match &self.engine {
            Engine::Embedded(embedded) => embedded.encode_into(text, ids),
            #[cfg(feature = "tokenizers")]
            Engine::File(file) => {
                file.encode_into(text, ids).map_err(|cause| TokenizerError::Encode { cause })?;
            }
        }
        Ok(())
    }

    /// What `id` stands for, in words for people: bytes that are no text of their own become U+FFFD.
    #[must_use]
    pub fn token(&self, id: u32) -> Option<String> {
        match &self.engine {
            Engine::Embedded(embedded) => match embedded.token(id) {
                Some(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
                None => (self.eos == Some(id)).then(|| "<|endoftext|>".to_owned()),
            },
            #[cfg(feature = "tokenizers")]
            Engine::File(file) => file.token(id),
        }
    }

    /// The name of the embedded vocabulary, or the path as it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the vocabulary, in hexadecimal: of the file, or of the file that OpenAI published.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Name and SHA-256 of the file beside the tokenizer's that may name [`Tokenizer::bos`] and [`Tokenizer::eos`].
    #[must_use]
    pub fn roles_file(&self) -> Option<(&str, &str)> {
        self.roles_file.as_ref().map(|(name, sha256)| (name.as_str(), sha256.as_str()))
    }

    /// Whether there are texts that [`Tokenizer::encode_into`] refuses.
    #[must_use]
    pub fn may_refuse(&self) -> bool {
        match &self.engine {
            Engine::Embedded(_) => false,
            #[cfg(feature = "tokenizers")]
            Engine::File(file) => file.may_refuse,
        }
    }

    /// Number of ids, special tokens included.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.size
    }

    /// The token that begins a document, if the tokenizer names one.
    #[must_use]
    pub fn bos(&self) -> Option<u32> {
        self.bos
    }

    /// The token that ends a document, if the tokenizer names one.
    #[must_use]
    pub fn eos(&self) -> Option<u32> {
        self.eos
    }
}

impl TokenizerError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let embedded = EMBEDDED.join(", ");
        match self {
            Self::UnknownName { name } => {
                let near = family(name).or_else(|| nearest(name));
                let meant = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
                Some(format!("{meant}embedded are {embedded}; any other is given by the path of its tokenizer.json"))
            }
            Self::Unreadable { .. } => {
                Some(format!("the path is relative to the config's folder; embedded are {embedded}"))
            }
            Self::Folder { path } if path.join("tokenizer.json").is_file() => {
                Some("name the file: there is a `tokenizer.json` in it".to_owned())
            }
            Self::Folder { .. } => Some("name the `tokenizer.json` file itself".to_owned()),
            Self::NotJson { source, .. } if source.is_eof() => {
                Some("the file seems to be cut off; fetch it again".to_owned())
            }
            Self::NotJson { .. } | Self::Invalid { .. } => {
                Some("expected is a `tokenizer.json` as Hugging Face `tokenizers` writes it".to_owned())
            }
            Self::LeftOut { .. } => {
                Some(format!("build it with the feature `tokenizers`, which is on by default; embedded are {embedded}"))
            }
            Self::Encode { .. } => None,
        }
    }
}

/// The embedded vocabularies, in the order of [`EMBEDDED`].
pub fn list() -> impl Iterator<Item = Listed> {
    ENTRIES.iter().map(|&Entry { name, size, license, sha256, .. }| Listed { name, size, license, sha256 })
}

/// The file in which Hugging Face names the first and the last token, beside the `tokenizer.json`.
const ROLES_FILE: &str = "tokenizer_config.json";

/// The vocabulary of a model of OpenAI's, for those who write the model's name.
fn family(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if begins(&["gpt-4o", "gpt-4.1", "gpt-4.5", "gpt-5", "o1", "o3", "o4", "o200k"]) {
        Some("o200k_base")
    } else if begins(&["gpt-4", "gpt-3.5", "text-embedding", "cl100k"]) {
        Some("cl100k_base")
    } else {
        None
    }
}

fn nearest(name: &str) -> Option<&'static str> {
    let distance = |known: &&&str| strsim::damerau_levenshtein(known, name);
    EMBEDDED.iter().min_by_key(distance).filter(|known| distance(known) <= 3).copied()
}

#[cfg(test)]
mod tests;
