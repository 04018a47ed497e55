//! A `.vst3` that is loaded, and the objects in it.
//!
//! Each system has its own folder in the bundle and its own pair of functions around the library's
//! life; the factory between them is the same everywhere.

use anyhow::{Context, bail, ensure};
use libloading::Library;
use std::path::{Path, PathBuf};
use vst3::Steinberg::Vst::IComponent;
use vst3::Steinberg::{IPluginFactory, IPluginFactoryTrait, TUID, kResultOk};
use vst3::{ComPtr, Interface, uid};

type GetFactory = unsafe extern "system" fn() -> *mut IPluginFactory;
/// macOS hands over the `CFBundle`, in whose place null does for a plug-in that takes nothing out of
/// it; Windows hands over nothing.
#[cfg(not(target_os = "windows"))]
type Entry = unsafe extern "C" fn(*mut std::ffi::c_void) -> bool;
#[cfg(target_os = "windows")]
type Entry = unsafe extern "system" fn() -> bool;
type Exit = unsafe extern "system" fn() -> bool;

/// What the functions around the library's life are called, and how the library's name ends.
#[cfg(target_os = "linux")]
const SYSTEM: (&[u8], &[u8], &str) = (b"ModuleEntry", b"ModuleExit", "so");
#[cfg(target_os = "macos")]
const SYSTEM: (&[u8], &[u8], &str) = (b"bundleEntry", b"bundleExit", "");
#[cfg(target_os = "windows")]
const SYSTEM: (&[u8], &[u8], &str) = (b"InitDll", b"ExitDll", "vst3");

/// Left, then unloaded when dropped.
pub struct Module {
    factory: Option<ComPtr<IPluginFactory>>,
    exit: Exit,
    _library: Library,
}

impl Module {
    /// Loads the library in the bundle and enters it.
    pub fn load(bundle: &Path) -> anyhow::Result<Self> {
        let (entry, exit, _) = SYSTEM;
        // SAFETY: the file is the plug-in that this workspace builds; the functions have the
        // types that the format gives them, and the library outlives them.
        unsafe {
            let library = Library::new(binary(bundle)?)?;
            let entry: Entry = *library.get(entry)?;
            let exit: Exit = *library.get(exit)?;
            let factory: GetFactory = *library.get(b"GetPluginFactory")?;
            #[cfg(not(target_os = "windows"))]
            let entered = entry(std::ptr::null_mut());
            #[cfg(target_os = "windows")]
            let entered = entry();
            ensure!(entered, "the module cannot be entered");
            Ok(Self {
                factory: ComPtr::from_raw(factory()),
                exit,
                _library: library,
            })
        }
    }

    pub fn factory(&self) -> anyhow::Result<&ComPtr<IPluginFactory>> {
        self.factory.as_ref().context("the module has no factory")
    }

    /// A new component of the class.
    pub fn component(&self, class: &[u8; 16]) -> anyhow::Result<ComPtr<IComponent>> {
        let factory = self.factory()?;
        let mut object = std::ptr::null_mut();
        let (class, interface) = (on_this_system(class), IComponent::IID.as_ptr());
        // SAFETY: both ids are 16 bytes long; the object is the caller's when all went well.
        unsafe {
            let result =
                factory.createInstance(class.as_ptr().cast(), interface.cast(), &mut object);
            ensure!(result == kResultOk, "it has no such class ({result:#x})");
            ComPtr::from_raw(object.cast::<IComponent>()).context("it made no component")
        }
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        self.factory = None;
        // SAFETY: entered when it was loaded; none of its objects is left.
        unsafe { (self.exit)() };
    }
}

/// The class's id in this system's order of bytes: Windows has COM's.
fn on_this_system(class: &[u8; 16]) -> TUID {
    let word = |at| u32::from_be_bytes([0, 1, 2, 3].map(|byte: usize| class[at + byte]));
    uid(word(0), word(4), word(8), word(12))
}

/// The library in the bundle's folder for this system.
fn binary(bundle: &Path) -> anyhow::Result<PathBuf> {
    let name = Path::new(bundle.file_stem().context("a bundle has a name")?);
    let name = name.with_extension(SYSTEM.2);
    for folder in std::fs::read_dir(bundle.join("Contents"))? {
        let path = folder?.path().join(&name);
        if path.exists() {
            return Ok(path);
        }
    }
    bail!("no {} in the bundle", name.display())
}
