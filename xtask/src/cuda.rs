//! `cargo xtask cuda`: builds the trainer for NVIDIA cards, also where there is no card and no CUDA.
//!
//! Without a toolkit (`CUDA_HOME`), one is assembled in the target folder from the packages that
//! NVIDIA publishes for Python. The driver's library comes only with a card's driver, so the linker
//! gets an empty one of that name.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};
use cargo_metadata::{CargoOpt, MetadataCommand};
use harmonai_workspace::{cargo, target_folder};

/// The parts of the toolkit that a build needs, in versions that go together.
const PACKAGES: [&str; 8] = [
    "nvidia-cuda-nvcc==13.0.88",
    "nvidia-nvvm==13.0.88",
    "nvidia-cuda-crt==13.0.88",
    "nvidia-cuda-runtime==13.0.96",
    "nvidia-cuda-cccl==13.0.85",
    "nvidia-cublas==13.1.0.3",
    "nvidia-curand==10.4.0.35",
    "nvidia-cuda-nvrtc==13.0.88",
];
/// Their folder within the one that they are unpacked to.
const HOME: &str = "nvidia/cu13";
/// Where cudarc declares the driver's functions.
const DRIVER: &str = "src/driver/sys/mod.rs";

#[derive(clap::Args)]
pub struct Args {
    /// Compute capability of the card, without the point: 80 (A100), 86 (RTX 30), 89 (RTX 40),
    /// 90 (H100), 120 (RTX 50). Later cards run what was built for earlier ones
    #[arg(long, default_value_t = 80)]
    compute_capability: u32,
    /// Only assemble the toolkit
    #[arg(long)]
    toolkit_only: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    if !cfg!(target_os = "linux") {
        bail!(
            "this puts a toolkit together on Linux only; elsewhere install CUDA 13 and run\n    \
             cargo build --release -p training --features cuda"
        );
    }
    let home = match std::env::var_os("CUDA_HOME") {
        Some(home) => PathBuf::from(home),
        None => toolkit()?,
    };
    println!("CUDA toolkit: {}", home.display());
    if args.toolkit_only {
        return Ok(());
    }
    let target = target_folder().join("cuda");
    let libraries = home.join("lib64");
    let flags = format!(
        "-C link-arg=-Wl,-rpath-link,{0} -C link-arg=-Wl,-rpath,{0}",
        libraries.display()
    );
    println!("Kernels are compiled first: on two cores that takes a quarter of an hour.");
    let mut cargo = cargo();
    cargo.args(["build", "--release", "--package", "training"]);
    cargo
        .args(["--features", "cuda", "--target-dir"])
        .arg(&target);
    cargo.env("CUDA_HOME", &home).env("RUSTFLAGS", flags);
    cargo.env("CUDA_COMPUTE_CAP", args.compute_capability.to_string());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(home.join("bin")).chain(std::env::split_paths(&path));
    cargo.env("PATH", std::env::join_paths(path)?);
    let status = cargo.status().context("starting cargo")?;
    ensure!(status.success(), "the trainer with CUDA: {status}");
    println!(
        "built: {} (it needs the card's driver to start)",
        target.join("release/training").display()
    );
    Ok(())
}

/// A toolkit of NVIDIA's Python packages, assembled where there is none yet.
fn toolkit() -> anyhow::Result<PathBuf> {
    let folder = target_folder().join("cuda-toolkit");
    let home = folder.join(HOME);
    // Written last.
    let stub = home.join("lib/libcuda.so");
    if stub.exists() {
        return Ok(home);
    }
    println!("Fetching the CUDA toolkit: 0.6 GB");
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps"]);
    pip.args(["--upgrade", "--target"]).arg(&folder);
    let status = pip.args(PACKAGES).status();
    ensure!(
        status.is_ok_and(|status| status.success()),
        "pip could not fetch the toolkit; where pip itself is missing, run\n    \
         sudo apt-get install -y --no-install-recommends python3-pip"
    );
    let lib = home.join("lib");
    link("lib", &home.join("lib64"))?;
    let entries = fs::read_dir(&lib).with_context(|| lib.display().to_string())?;
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // libcublas.so.13 is linked as libcublas.so.
        if let Some((plain, _)) = name.split_once(".so.") {
            link(&name, &lib.join(format!("{plain}.so")))?;
        }
    }
    driver_stub(&stub)?;
    Ok(home)
}

#[cfg(unix)]
fn link(to: &str, from: &Path) -> anyhow::Result<()> {
    if from.exists() {
        return Ok(());
    }
    std::os::unix::fs::symlink(to, from).with_context(|| from.display().to_string())
}

#[cfg(not(unix))]
fn link(_: &str, _: &Path) -> anyhow::Result<()> {
    bail!("a toolkit is put together on Linux only")
}

/// An empty library with the driver's functions, for the linker. The program loads the real one.
fn driver_stub(path: &Path) -> anyhow::Result<()> {
    let functions = driver_functions()?.into_iter();
    let source: String = functions
        .map(|name| format!("void {name}(void) {{}}\n"))
        .collect();
    let text = path.with_extension("c");
    fs::write(&text, source).with_context(|| text.display().to_string())?;
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-Wl,-soname,libcuda.so.1", "-o"]);
    let status = cc.arg(path).arg(&text).status().context("starting cc")?;
    ensure!(status.success(), "the driver's stub: {status}");
    Ok(())
}

/// The driver's functions that cudarc declares.
fn driver_functions() -> anyhow::Result<BTreeSet<String>> {
    let features = CargoOpt::SomeFeatures(vec!["training/cuda".into()]);
    let packages = MetadataCommand::new().features(features).exec()?.packages;
    let cudarc = packages.iter().find(|package| package.name == "cudarc");
    let cudarc = cudarc.context("cudarc is not among the dependencies")?;
    let source = cudarc.manifest_path.as_std_path().with_file_name(DRIVER);
    let text = fs::read_to_string(&source).with_context(|| source.display().to_string())?;
    let functions = text.split(" fn ").skip(1).filter_map(|rest| {
        let name = rest.split('(').next()?.trim();
        let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_');
        (is_name && name.starts_with("cu")).then(|| name.to_owned())
    });
    let functions: BTreeSet<_> = functions.collect();
    let found = !functions.is_empty();
    ensure!(found, "no functions in {}", source.display());
    Ok(functions)
}
