//! nice-plug's VST3 object, with a `process()` of ours in front of its own.
//!
//! An object begins with a row of pointers, one for each of its interfaces, to the table of the
//! interface's methods; the `vst3` crate makes the tables for nice-plug's component. The audio
//! processor's is replaced by a copy with one method exchanged: a copy for each object, since it is
//! through the table that the method finds what belongs to the object.

use std::mem::{self, ManuallyDrop, offset_of};
use std::sync::Arc;

use nice_plug::prelude::Vst3Plugin;
use nice_plug::wrapper::vst3::Wrapper as Component;
use nice_plug::wrapper::vst3::vst3::ComPtr;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    IAudioProcessor, IAudioProcessorVtbl, ProcessData, ProcessModes_,
};
use nice_plug::wrapper::vst3::vst3::Steinberg::{FUnknown, tresult};
use nice_plug::wrapper::vst3::vst3::com_scrape_types::{
    Class, Header, Interface, InterfaceList, MakeHeader, Wrapper,
};

use crate::audio::offline::OfflineFlag;

/// The interfaces of nice-plug's component.
type Interfaces<P> = <Component<P> as Class>::Interfaces;

/// A new object of the plug-in's class.
pub fn create<P: Vst3Plugin>() -> Option<ComPtr<FUnknown>> {
    let (component, offline) = OfflineFlag::offer(Component::<P>::new);
    let object = Arc::into_raw(Arc::new(Object::new(component, offline)));
    // SAFETY: the object begins with an interface, as which every interface serves whose methods
    // begin with `FUnknown`'s, and these count references as the `Arc` does. Ours is handed over.
    unsafe { ComPtr::from_raw(object.cast_mut().cast()) }
}

/// What a host holds, in an [`Arc`] that counts the host's references.
#[repr(C)]
struct Object<P: Vst3Plugin> {
    /// The pointers to the tables; first, since the methods look for it there.
    tables: Header<Component<P>>,
    component: Component<P>,
    /// One of the tables lies in it.
    _front: Option<Arc<Front>>,
}

impl<P: Vst3Plugin> Object<P> {
    fn new(component: Component<P>, offline: OfflineFlag) -> Self {
        let mut tables = <Interfaces<P> as MakeHeader<Component<P>, Self>>::HEADER;
        let first = &raw mut tables;
        let front = Interfaces::<P>::query(&IAudioProcessor::IID).map(|place| {
            // SAFETY: `query` says where in the row the interface is. Its table is a constant.
            unsafe {
                let processor = first.byte_offset(place).cast::<IAudioProcessor>();
                let front = Arc::new(Front::new(*(*processor).vtbl, offline));
                (*processor).vtbl = Arc::as_ptr(&front).cast();
                front
            }
        });
        Self {
            tables,
            component,
            _front: front,
        }
    }

    /// The object that the component is in.
    ///
    /// # Safety
    ///
    /// The component is in one.
    unsafe fn around(component: *mut Component<P>) -> *mut Self {
        // SAFETY: as the caller promises.
        unsafe { component.byte_sub(offset_of!(Self, component)).cast() }
    }
}

/// What the tables' methods ask of the object that they are called for.
impl<P: Vst3Plugin> Wrapper<Component<P>> for Object<P> {
    unsafe fn data_from_header(tables: *mut Header<Component<P>>) -> *mut Component<P> {
        // SAFETY: the tables are the first thing in an object.
        unsafe { &raw mut (*tables.cast::<Self>()).component }
    }

    unsafe fn header_from_data(component: *mut Component<P>) -> *mut Header<Component<P>> {
        // SAFETY: a component that hosts see is in an object, which begins with the tables.
        unsafe { Self::around(component).cast() }
    }

    unsafe fn add_ref(component: *mut Component<P>) -> usize {
        // SAFETY: as above, and the object is in the `Arc` that was made for it. Whoever calls has
        // a reference.
        unsafe {
            let object = Self::around(component);
            Arc::increment_strong_count(object);
            Arc::strong_count(&ManuallyDrop::new(Arc::from_raw(object)))
        }
    }

    unsafe fn release(component: *mut Component<P>) -> usize {
        // SAFETY: as above; the reference of whoever calls is given back.
        unsafe {
            let object = Self::around(component);
            let left = Arc::strong_count(&ManuallyDrop::new(Arc::from_raw(object))) - 1;
            Arc::decrement_strong_count(object);
            left
        }
    }
}

/// The table of the audio processor's methods, with what the exchanged one needs.
#[repr(C)]
struct Front {
    /// First: a pointer to the table is one to this.
    table: IAudioProcessorVtbl,
    /// nice-plug's.
    process: unsafe extern "system" fn(*mut IAudioProcessor, *mut ProcessData) -> tresult,
    offline: OfflineFlag,
}

impl Front {
    fn new(mut table: IAudioProcessorVtbl, offline: OfflineFlag) -> Self {
        let process = mem::replace(&mut table.process, Self::process);
        Self {
            table,
            process,
            offline,
        }
    }

    /// The host's call: audio thread.
    unsafe extern "system" fn process(
        processor: *mut IAudioProcessor,
        data: *mut ProcessData,
    ) -> tresult {
        #[allow(clippy::unnecessary_cast, reason = "it is one on Windows")]
        const OFFLINE: i32 = ProcessModes_::kOffline as i32;
        // SAFETY: this method is in no other table than a front's, which lives as long as the
        // object. The data is the host's for the length of this call, or null.
        let (front, block) = unsafe { (&*(*processor).vtbl.cast::<Self>(), data.as_ref()) };
        if let Some(block) = block {
            front.offline.set(block.processMode == OFFLINE);
        }
        // SAFETY: the call as the host made it, for the object whose method it is.
        unsafe { (front.process)(processor, data) }
    }
}
