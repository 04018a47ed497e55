//! A `.vst3` that is loaded, and the objects in it.

use anyhow::{Context, bail, ensure};
use libloading::Library;
use std::path::{Path, PathBuf};
use vst3::Steinberg::Vst::IComponent;
use vst3::Steinberg::{IPluginFactory, IPluginFactoryTrait, kResultOk};
use vst3::{ComPtr, Interface};

type Entry = unsafe extern "C" fn(*mut std::ffi::c_void) -> bool;
type Exit = unsafe extern "C" fn() -> bool;
type GetFactory = unsafe extern "C" fn() -> *mut IPluginFactory;

/// Left, then unloaded when dropped.
pub struct Module {
    factory: Option<ComPtr<IPluginFactory>>,
    exit: Exit,
    _library: Library,
}

impl Module {
    /// Loads the library in the bundle and enters it.
    pub fn load(bundle: &Path) -> anyhow::Result<Self> {
        ensure!(
            cfg!(target_os = "linux"),
            "this host loads Linux libraries only"
        );
        // SAFETY: the file is the plug-in that this workspace builds; the functions have the
        // types that the format gives them, and the library outlives them.
        unsafe {
            let library = Library::new(binary(bundle)?)?;
            let entry: Entry = *library.get(b"ModuleEntry")?;
            let exit: Exit = *library.get(b"ModuleExit")?;
            let factory: GetFactory = *library.get(b"GetPluginFactory")?;
            ensure!(entry(std::ptr::null_mut()), "ModuleEntry failed");
            let factory = ComPtr::from_raw(factory());
            Ok(Self {
                factory,
                exit,
                _library: library,
            })
        }
    }

    /// Its factory.
    pub fn factory(&self) -> anyhow::Result<&ComPtr<IPluginFactory>> {
        self.factory.as_ref().context("the module has no factory")
    }

    /// A new component of the class.
    pub fn component(&self, class: &[u8; 16]) -> anyhow::Result<ComPtr<IComponent>> {
        let factory = self.factory()?;
        let mut object = std::ptr::null_mut();
        let interface = IComponent::IID.as_ptr();
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

/// The library in the bundle's folder for Linux.
fn binary(bundle: &Path) -> anyhow::Result<PathBuf> {
    let name = Path::new(bundle.file_stem().context("a bundle has a name")?).with_extension("so");
    for folder in std::fs::read_dir(bundle.join("Contents"))? {
        let path = folder?.path().join(&name);
        if path.exists() {
            return Ok(path);
        }
    }
    bail!("no {} in the bundle", name.display())
}
