//! What tells a host of the classes, and makes objects of them.

use std::ffi::c_void;
use std::ptr;

use nice_plug::prelude::Vst3Plugin;
use nice_plug::wrapper::vst3::PluginInfo;
use nice_plug::wrapper::vst3::vst3::Steinberg::{
    FIDString, FUnknown, IPluginFactory, IPluginFactory2, IPluginFactory2Trait, IPluginFactory3,
    IPluginFactory3Trait, IPluginFactoryTrait, PClassInfo, PClassInfo2, PClassInfoW, PFactoryInfo,
    int32, kInvalidArgument, kResultOk, tresult,
};
use nice_plug::wrapper::vst3::vst3::{Class, ComPtr};

use super::object;

/// What there is to know of a class, and how an object of it is made.
pub struct PluginClass {
    info: fn() -> PluginInfo,
    create: fn() -> Option<ComPtr<FUnknown>>,
}

impl PluginClass {
    pub const fn of<P: Vst3Plugin>() -> Self {
        Self {
            info: PluginInfo::for_plugin::<P>,
            create: object::create::<P>,
        }
    }
}

/// The host's factory, for these classes.
pub struct Factory(pub &'static [PluginClass]);

impl Class for Factory {
    type Interfaces = (IPluginFactory, IPluginFactory2, IPluginFactory3);
}

impl Factory {
    /// What `make` makes of the class with this number, if there is one.
    fn info<T>(&self, index: int32, make: fn(&PluginInfo) -> T) -> Option<T> {
        let class = self.0.get(usize::try_from(index).ok()?)?;
        Some(make(&(class.info)()))
    }
}

/// Fills in what a host wants to know.
///
/// # Safety
///
/// `place` is null, or may be written to.
unsafe fn fill<T>(place: *mut T, value: Option<T>) -> tresult {
    match value {
        Some(value) if !place.is_null() => {
            // SAFETY: as the caller promises.
            unsafe { place.write(value) };
            kResultOk
        }
        _ => kInvalidArgument,
    }
}

impl IPluginFactoryTrait for Factory {
    unsafe fn getFactoryInfo(&self, info: *mut PFactoryInfo) -> tresult {
        // SAFETY: the host's own place, or null.
        unsafe { fill(info, self.info(0, PluginInfo::create_factory_info)) }
    }

    unsafe fn countClasses(&self) -> int32 {
        self.0.len() as int32
    }

    unsafe fn getClassInfo(&self, index: int32, info: *mut PClassInfo) -> tresult {
        // SAFETY: the host's own place, or null.
        unsafe { fill(info, self.info(index, PluginInfo::create_class_info)) }
    }

    unsafe fn createInstance(
        &self,
        class: FIDString,
        interface: FIDString,
        object: *mut *mut c_void,
    ) -> tresult {
        if class.is_null() || interface.is_null() || object.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: ids are sixteen bytes, and the host has a place for the object.
        let id = unsafe {
            object.write(ptr::null_mut());
            class.cast::<[u8; 16]>().read()
        };
        let class = self.0.iter().find(|class| *(class.info)().cid == id);
        let Some(made) = class.and_then(|class| (class.create)()) else {
            return kInvalidArgument;
        };
        let unknown = made.as_ptr();
        // SAFETY: an object that was just made; the rest as above. The host gets a reference of its
        // own, or the object is gone with `made`.
        unsafe { ((*(*unknown).vtbl).queryInterface)(unknown, interface.cast(), object) }
    }
}

impl IPluginFactory2Trait for Factory {
    unsafe fn getClassInfo2(&self, index: int32, info: *mut PClassInfo2) -> tresult {
        // SAFETY: the host's own place, or null.
        unsafe { fill(info, self.info(index, PluginInfo::create_class_info_2)) }
    }
}

impl IPluginFactory3Trait for Factory {
    unsafe fn getClassInfoUnicode(&self, index: int32, info: *mut PClassInfoW) -> tresult {
        // SAFETY: the host's own place, or null.
        unsafe {
            fill(
                info,
                self.info(index, PluginInfo::create_class_info_unicode),
            )
        }
    }

    unsafe fn setHostContext(&self, _context: *mut FUnknown) -> tresult {
        // Nothing is asked of it.
        kResultOk
    }
}
