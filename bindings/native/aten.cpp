// A C ABI over the dispatcher of any libtorch (1.13 and later): one boxed call reaches every ATen operator by schema name,
// autograd included. Beside it stands only what is no operator. No exception crosses the ABI: a function that can fail
// returns a status and leaves the text for mt_last_error of the same thread.
//
// Ownership: a tensor handle is a TensorImpl* holding one reference; arguments are borrowed, results belong to the caller
// (mt_release). An undefined tensor is the null handle.
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/grad_mode.h>
#include <torch/version.h>

#if defined(MOTION_CUDA_HEADERS)
#include <c10/cuda/CUDACachingAllocator.h>
#endif

#include <dlfcn.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#define MT_API extern "C" __attribute__((visibility("default")))

namespace {

using c10::IValue;
using Handle = c10::TensorImpl*;

// std::optional or c10's own one, as this libtorch has it.
template <typename T, template <typename> class Optional, typename Any>
Optional<T> optional_like(const Optional<Any>&);
template <typename T>
using Optional = decltype(optional_like<T>(std::declval<c10::Dispatcher&>().findSchema({"", ""})));

enum class Tag : int32_t {
  None, Default, Tensor, Int, Double, Bool, String, IntList, DoubleList, BoolList, TensorList, Device, Generator,
};

// Sixteen bytes, laid out alike in Native.cs. n is a length for strings and lists.
struct Value {
  Tag tag;
  int32_t n;
  union {
    int64_t i;
    double d;
    const void* p;
  };
};

// What an argument of a schema wants, settled once per operator.
enum class Want : uint8_t {
  Tensor, Number, Float, Int, Bool, String, IntList, FloatList, BoolList, TensorList, OptionalTensorList, Device, Generator, Other,
};

struct Argument {
  Want want;
  bool optional;
  bool has_default;
  IValue fallback;
};

struct Operator {
  c10::OperatorHandle handle;
  std::vector<Argument> arguments;
};

thread_local std::string last_error;

Want want_of(const c10::TypePtr& type) {
  switch (type->kind()) {
    case c10::TypeKind::TensorType: return Want::Tensor;
    case c10::TypeKind::NumberType: return Want::Number;
    case c10::TypeKind::FloatType: return Want::Float;
    case c10::TypeKind::IntType: return Want::Int;
    case c10::TypeKind::BoolType: return Want::Bool;
    case c10::TypeKind::StringType: return Want::String;
    case c10::TypeKind::DeviceObjType: return Want::Device;
    case c10::TypeKind::GeneratorType: return Want::Generator;
    case c10::TypeKind::ListType: {
      const auto element = type->castRaw<c10::ListType>()->getElementType();
      switch (element->kind()) {
        case c10::TypeKind::IntType: return Want::IntList;
        case c10::TypeKind::FloatType: return Want::FloatList;
        case c10::TypeKind::BoolType: return Want::BoolList;
        case c10::TypeKind::TensorType: return Want::TensorList;
        case c10::TypeKind::OptionalType: return Want::OptionalTensorList;
        default: return Want::Other;
      }
    }
    default: return Want::Other;
  }
}

Argument argument_of(const c10::Argument& a) {
  auto type = a.type();
  const bool optional = type->kind() == c10::TypeKind::OptionalType;
  if (optional) type = type->castRaw<c10::OptionalType>()->getElementType();
  const bool has_default = a.default_value().has_value();
  return {want_of(type), optional, has_default, has_default ? *a.default_value() : IValue()};
}

at::Tensor borrow(const void* handle) {
  if (handle == nullptr) return at::Tensor();
  return at::Tensor(c10::intrusive_ptr<c10::TensorImpl>::reclaim_copy(static_cast<Handle>(const_cast<void*>(handle))));
}

Handle lend(at::Tensor t) {
  if (!t.defined()) return nullptr;
  return t.unsafeReleaseIntrusivePtr().release();
}

c10::Device device_of(int64_t packed) {
  return c10::Device(static_cast<c10::DeviceType>(static_cast<int8_t>(packed >> 32)), static_cast<c10::DeviceIndex>(static_cast<int32_t>(packed)));
}

template <typename T, typename From>
IValue list_of(const Value& v) {
  c10::List<T> list;
  list.reserve(v.n);
  const auto* items = static_cast<const From*>(v.p);
  for (int32_t k = 0; k < v.n; ++k) list.push_back(static_cast<T>(items[k]));
  return IValue(std::move(list));
}

IValue tensors_of(const Value& v) {
  c10::List<at::Tensor> list;
  list.reserve(v.n);
  const auto* items = static_cast<void* const*>(v.p);
  for (int32_t k = 0; k < v.n; ++k) list.push_back(borrow(items[k]));
  return IValue(std::move(list));
}

IValue optional_tensors_of(const Value& v) {
  c10::List<Optional<at::Tensor>> list;
  list.reserve(v.n);
  const auto* items = static_cast<void* const*>(v.p);
  for (int32_t k = 0; k < v.n; ++k) {
    if (items[k] == nullptr) list.push_back(Optional<at::Tensor>());
    else list.push_back(Optional<at::Tensor>(borrow(items[k])));
  }
  return IValue(std::move(list));
}

[[noreturn]] void mismatch(const Operator& op, size_t index, const Value& v) {
  std::ostringstream text;
  const auto& argument = op.handle.schema().arguments()[index];
  text << "argument '" << argument.name() << "' wants " << argument.type()->str() << " and was given a value with tag "
       << static_cast<int32_t>(v.tag);
  throw std::invalid_argument(text.str());
}

// Number literals adapt to the schema (an int where a float is wanted, as in Python); nothing else is converted.
IValue box(const Operator& op, size_t index, const Value& v) {
  const Argument& a = op.arguments[index];
  switch (v.tag) {
    case Tag::Default:
      if (a.has_default) return a.fallback;
      if (a.optional) return IValue();
      mismatch(op, index, v);
    case Tag::None:
      if (a.want == Want::Tensor && !a.optional) return IValue(at::Tensor());
      return IValue();
    case Tag::Tensor: return IValue(borrow(v.p));
    case Tag::Int:
      if (a.want == Want::Float) return IValue(static_cast<double>(v.i));
      if (a.want == Want::Bool) return IValue(v.i != 0);
      return IValue(v.i);
    case Tag::Double:
      if (a.want == Want::Int) mismatch(op, index, v);
      return IValue(v.d);
    case Tag::Bool:
      return IValue(v.i != 0);
    case Tag::String: return IValue(std::string(static_cast<const char*>(v.p), static_cast<size_t>(v.n)));
    case Tag::IntList:
      if (a.want == Want::FloatList) return list_of<double, int64_t>(v);
      return list_of<int64_t, int64_t>(v);
    case Tag::DoubleList: return list_of<double, double>(v);
    case Tag::BoolList: return list_of<bool, uint8_t>(v);
    case Tag::TensorList: return a.want == Want::OptionalTensorList ? optional_tensors_of(v) : tensors_of(v);
    case Tag::Device: return IValue(device_of(v.i));
    case Tag::Generator:
      return IValue(at::Generator(c10::intrusive_ptr<c10::GeneratorImpl>::reclaim_copy(
          static_cast<c10::GeneratorImpl*>(const_cast<void*>(v.p)))));
  }
  mismatch(op, index, v);
}

Value unbox(IValue&& v) {
  Value r{Tag::None, 0, {0}};
  if (v.isTensor()) {
    r.tag = Tag::Tensor;
    r.p = lend(std::move(v).toTensor());
  } else if (v.isInt()) {
    r.tag = Tag::Int;
    r.i = v.toInt();
  } else if (v.isDouble()) {
    r.tag = Tag::Double;
    r.d = v.toDouble();
  } else if (v.isBool()) {
    r.tag = Tag::Bool;
    r.i = v.toBool() ? 1 : 0;
  } else if (v.isTensorList()) {
    auto list = v.toTensorVector();
    auto** handles = static_cast<Handle*>(std::malloc(sizeof(Handle) * std::max<size_t>(list.size(), 1)));
    for (size_t k = 0; k < list.size(); ++k) handles[k] = lend(std::move(list[k]));
    r.tag = Tag::TensorList;
    r.n = static_cast<int32_t>(list.size());
    r.p = handles;
  } else if (!v.isNone()) {
    throw std::runtime_error("the operator returned a " + v.tagKind() + ", which this binding does not carry");
  }
  return r;
}

void describe(std::ostream& out, const at::Tensor& t) {
  if (!t.defined()) {
    out << "undefined";
    return;
  }
  out << c10::toString(t.scalar_type()) << '[';
  for (int64_t k = 0; k < t.dim(); ++k) out << (k ? ", " : "") << t.sizes()[k];
  out << ']';
  if (!t.device().is_cpu()) out << ' ' << t.device();
}

void describe(std::ostream& out, const Value& v) {
  switch (v.tag) {
    case Tag::None: out << "None"; return;
    case Tag::Default: out << "default"; return;
    case Tag::Tensor: describe(out, borrow(v.p)); return;
    case Tag::Int: out << v.i; return;
    case Tag::Double: out << v.d; return;
    case Tag::Bool: out << (v.i ? "true" : "false"); return;
    case Tag::String: out << '"' << std::string(static_cast<const char*>(v.p), static_cast<size_t>(v.n)) << '"'; return;
    case Tag::Device: out << device_of(v.i); return;
    case Tag::Generator: out << "Generator"; return;
    default: break;
  }
  out << '[';
  for (int32_t k = 0; k < v.n; ++k) {
    if (k) out << ", ";
    if (k == 16) {
      out << "... " << v.n << " items";
      break;
    }
    if (v.tag == Tag::IntList) out << static_cast<const int64_t*>(v.p)[k];
    else if (v.tag == Tag::DoubleList) out << static_cast<const double*>(v.p)[k];
    else if (v.tag == Tag::BoolList) out << (static_cast<const uint8_t*>(v.p)[k] ? "true" : "false");
    else describe(out, borrow(static_cast<void* const*>(v.p)[k]));
  }
  out << ']';
}

std::string text_of(const std::exception& e) {
  if (const auto* c = dynamic_cast<const c10::Error*>(&e)) return c->what_without_backtrace();
  return e.what();
}

std::string call_failed(const Operator& op, const Value* args, int32_t count, const std::string& why) {
  std::ostringstream out;
  const auto& schema = op.handle.schema();
  out << schema.name();
  if (!schema.overload_name().empty()) out << '.' << schema.overload_name();
  out << '(';
  for (int32_t k = 0; k < count; ++k) {
    if (k) out << ", ";
    if (static_cast<size_t>(k) < schema.arguments().size()) out << schema.arguments()[k].name() << '=';
    describe(out, args[k]);
  }
  out << "): " << why;
  return out.str();
}

template <typename Body>
int32_t guarded(Body&& body) {
  try {
    body();
    return 0;
  } catch (const std::exception& e) {
    last_error = text_of(e);
  } catch (...) {
    last_error = "an exception of an unknown kind";
  }
  return -1;
}

std::vector<at::Tensor> borrow_all(void* const* handles, int32_t count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (int32_t k = 0; k < count; ++k) tensors.push_back(borrow(handles[k]));
  return tensors;
}

// Negative: not said.
Optional<bool> maybe(int32_t flag) { return flag < 0 ? Optional<bool>() : Optional<bool>(flag != 0); }

const c10::TensorImpl& impl_of(const void* handle) { return *static_cast<const c10::TensorImpl*>(handle); }

}  // namespace

MT_API const char* mt_last_error() { return last_error.c_str(); }
MT_API const char* mt_version() { return TORCH_VERSION; }
MT_API void mt_free(void* p) { std::free(p); }

// ---- operators ------------------------------------------------------------------------------------------------------

// Looks an operator up once; the result lives as long as the process. Null: no such operator in this libtorch.
MT_API void* mt_operator(const char* name, const char* overload) {
  void* found = nullptr;
  guarded([&] {
    auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
    if (!handle) {
      throw std::invalid_argument(std::string("libtorch " TORCH_VERSION " has no operator ") + name + "." + overload);
    }
    auto op = std::make_unique<Operator>(Operator{*handle, {}});
    for (const auto& a : handle->schema().arguments()) op->arguments.push_back(argument_of(a));
    found = op.release();
  });
  return found;
}

MT_API int32_t mt_schema(void* op, char* buffer, int32_t capacity) {
  std::ostringstream out;
  out << static_cast<Operator*>(op)->handle.schema();
  const auto text = out.str();
  std::strncpy(buffer, text.c_str(), static_cast<size_t>(capacity) - 1);
  buffer[capacity - 1] = 0;
  return static_cast<int32_t>(text.size());
}

// Calls; trailing arguments that are not given take the schema's defaults. Returns how many results were written (up to
// capacity, the others are dropped) or -1.
MT_API int32_t mt_call(void* handle, const Value* args, int32_t count, Value* results, int32_t capacity) {
  static thread_local std::vector<IValue> spare;
  const auto& op = *static_cast<const Operator*>(handle);
  std::string why;
  try {
    std::vector<IValue> stack;
    stack.swap(spare);
    stack.clear();
    if (static_cast<size_t>(count) > op.arguments.size()) throw std::invalid_argument("more arguments than the schema has");
    for (int32_t k = 0; k < count; ++k) stack.push_back(box(op, k, args[k]));
    for (size_t k = count; k < op.arguments.size(); ++k) stack.push_back(box(op, k, Value{Tag::Default, 0, {0}}));
    op.handle.callBoxed(&stack);
    const auto written = std::min<int32_t>(capacity, static_cast<int32_t>(stack.size()));
    for (int32_t k = 0; k < written; ++k) results[k] = unbox(std::move(stack[k]));
    stack.clear();
    stack.swap(spare);
    return written;
  } catch (const std::exception& e) {
    why = text_of(e);
  } catch (...) {
    why = "an exception of an unknown kind";
  }
  last_error = call_failed(op, args, count, why);
  return -1;
}

// ---- a tensor's own data --------------------------------------------------------------------------------------------

MT_API void mt_release(void* handle) {
  if (handle) c10::intrusive_ptr<c10::TensorImpl>::reclaim(static_cast<Handle>(handle));
}

// One more reference to the same tensor.
MT_API void* mt_alias(void* handle) { return lend(borrow(handle)); }

// A CPU tensor of its own memory; data (nullable) is copied into it.
MT_API void* mt_new(const void* data, int64_t bytes, const int64_t* sizes, int32_t dim, int8_t dtype) {
  Handle made = nullptr;
  guarded([&] {
    auto t = at::empty(at::IntArrayRef(sizes, dim), at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)));
    if (data) {
      if (bytes != static_cast<int64_t>(t.nbytes())) {
        throw std::invalid_argument("the shape takes " + std::to_string(t.nbytes()) + " bytes, the data has " + std::to_string(bytes));
      }
      if (bytes > 0) std::memcpy(t.data_ptr(), data, static_cast<size_t>(bytes));
    }
    made = lend(std::move(t));
  });
  return made;
}

// A CPU tensor over memory of the caller, who gets `deleter(context)` when the last user of the memory is gone.
MT_API void* mt_from_blob(void* data, const int64_t* sizes, int32_t dim, int8_t dtype, void (*deleter)(void*), void* context) {
  Handle made = nullptr;
  guarded([&] {
    const auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
    auto release = [deleter, context](void*) { if (deleter) deleter(context); };
    made = lend(at::from_blob(data, at::IntArrayRef(sizes, dim), release, options));
  });
  return made;
}

MT_API void* mt_data_ptr(void* handle) {
  void* p = nullptr;
  guarded([&] { p = borrow(handle).data_ptr(); });
  return p;
}

MT_API int64_t mt_dim(void* handle) { return impl_of(handle).dim(); }
MT_API int64_t mt_numel(void* handle) { return impl_of(handle).numel(); }
MT_API int32_t mt_dtype(void* handle) { return static_cast<int32_t>(c10::typeMetaToScalarType(impl_of(handle).dtype())); }
MT_API int32_t mt_device_type(void* handle) { return static_cast<int32_t>(impl_of(handle).device().type()); }
MT_API int32_t mt_device_index(void* handle) { return static_cast<int32_t>(impl_of(handle).device().index()); }
MT_API int64_t mt_storage_offset(void* handle) { return impl_of(handle).storage_offset(); }
MT_API int32_t mt_is_sparse(void* handle) { return impl_of(handle).is_sparse() ? 1 : 0; }

MT_API int32_t mt_is_contiguous(void* handle, int8_t format) {
  return impl_of(handle).is_contiguous(static_cast<at::MemoryFormat>(format)) ? 1 : 0;
}

MT_API int32_t mt_sizes(void* handle, int64_t* sizes) {
  return guarded([&] {
    const auto s = impl_of(handle).sizes();
    std::copy(s.begin(), s.end(), sizes);
  });
}

MT_API int32_t mt_strides(void* handle, int64_t* strides) {
  return guarded([&] {
    const auto s = impl_of(handle).strides();
    std::copy(s.begin(), s.end(), strides);
  });
}

// ---- autograd -------------------------------------------------------------------------------------------------------

MT_API int32_t mt_requires_grad(void* handle) { return borrow(handle).requires_grad() ? 1 : 0; }
MT_API int32_t mt_set_requires_grad(void* handle, int32_t on) { return guarded([&] { borrow(handle).set_requires_grad(on != 0); }); }
MT_API int32_t mt_is_leaf(void* handle) { return borrow(handle).is_leaf() ? 1 : 0; }
MT_API int32_t mt_retain_grad(void* handle) { return guarded([&] { borrow(handle).retain_grad(); }); }
MT_API void* mt_grad(void* handle) { return lend(borrow(handle).grad()); }
MT_API int32_t mt_set_grad(void* handle, void* grad) { return guarded([&] { borrow(handle).mutable_grad() = borrow(grad); }); }
MT_API int32_t mt_set_data(void* handle, void* data) { return guarded([&] { borrow(handle).set_data(borrow(data)); }); }

// Writes the name of the function that made the tensor; an empty text for a leaf.
MT_API void mt_grad_fn(void* handle, char* buffer, int32_t capacity) {
  buffer[0] = 0;
  guarded([&] {
    const auto fn = borrow(handle).grad_fn();
    if (fn) std::strncpy(buffer, fn->name().c_str(), static_cast<size_t>(capacity) - 1);
    buffer[capacity - 1] = 0;
  });
}

// retain: -1 as create_graph says. A null gradient stands for ones (scalars only).
MT_API int32_t mt_backward(void* const* outputs, void* const* grads, int32_t count, int32_t retain, int32_t create,
                           void* const* inputs, int32_t inputCount) {
  return guarded([&] {
    torch::autograd::backward(borrow_all(outputs, count), borrow_all(grads, count), maybe(retain), create != 0,
                              borrow_all(inputs, inputCount));
  });
}

MT_API int32_t mt_autograd_grad(void* const* outputs, void* const* grads, int32_t count, void* const* inputs, int32_t inputCount,
                                int32_t retain, int32_t create, int32_t allow_unused, void** results) {
  return guarded([&] {
    auto made = torch::autograd::grad(borrow_all(outputs, count), borrow_all(inputs, inputCount), borrow_all(grads, count),
                                      maybe(retain), create != 0, allow_unused != 0);
    for (int32_t k = 0; k < inputCount; ++k) results[k] = lend(std::move(made[k]));
  });
}

MT_API int32_t mt_grad_enabled() { return c10::GradMode::is_enabled() ? 1 : 0; }
MT_API void mt_set_grad_enabled(int32_t on) { c10::GradMode::set_enabled(on != 0); }
MT_API int32_t mt_inference_enabled() { return c10::InferenceMode::is_enabled() ? 1 : 0; }
MT_API void* mt_enter_inference(int32_t on) { return new c10::InferenceMode(on != 0); }
MT_API void mt_leave_inference(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }

// ---- randomness -----------------------------------------------------------------------------------------------------

MT_API int32_t mt_manual_seed(int64_t seed) { return guarded([&] { at::manual_seed(static_cast<uint64_t>(seed)); }); }

// A generator of its own for a device, or (fresh = 0) the device's default one. Released by mt_generator_release.
MT_API void* mt_generator(int64_t device, int32_t fresh, uint64_t seed) {
  c10::GeneratorImpl* made = nullptr;
  guarded([&] {
    const auto d = device_of(device);
    at::Generator g = !fresh ? at::globalContext().defaultGenerator(d)
                      : d.is_cpu() ? at::detail::createCPUGenerator(seed)
                                   : at::globalContext().defaultGenerator(d).clone();
    if (fresh) g.set_current_seed(seed);
    made = c10::intrusive_ptr<c10::GeneratorImpl>(g.getIntrusivePtr()).release();
  });
  return made;
}

MT_API void mt_generator_release(void* g) {
  if (g) c10::intrusive_ptr<c10::GeneratorImpl>::reclaim(static_cast<c10::GeneratorImpl*>(g));
}

MT_API int32_t mt_generator_seed(void* g, int64_t seed) {
  return guarded([&] {
    auto* impl = static_cast<c10::GeneratorImpl*>(g);
    std::lock_guard<std::mutex> lock(impl->mutex_);
    impl->set_current_seed(static_cast<uint64_t>(seed));
  });
}

MT_API int64_t mt_generator_initial_seed(void* g) {
  auto* impl = static_cast<c10::GeneratorImpl*>(g);
  std::lock_guard<std::mutex> lock(impl->mutex_);
  return static_cast<int64_t>(impl->current_seed());
}

MT_API void* mt_generator_state(void* g) {
  Handle state = nullptr;
  guarded([&] {
    auto* impl = static_cast<c10::GeneratorImpl*>(g);
    std::lock_guard<std::mutex> lock(impl->mutex_);
    state = impl->get_state().release();
  });
  return state;
}

MT_API int32_t mt_generator_set_state(void* g, void* state) {
  return guarded([&] {
    auto* impl = static_cast<c10::GeneratorImpl*>(g);
    std::lock_guard<std::mutex> lock(impl->mutex_);
    impl->set_state(impl_of(state));
  });
}

// ---- the process ----------------------------------------------------------------------------------------------------

// libtorch's pool and OpenBLAS's own one, which libtorch 1.13 of Debian does not steer.
MT_API int32_t mt_set_num_threads(int32_t count) {
  return guarded([&] {
    at::set_num_threads(count);
    if (auto* set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) set(count);
  });
}

MT_API int32_t mt_get_num_threads() { return at::get_num_threads(); }
MT_API int32_t mt_set_num_interop_threads(int32_t count) { return guarded([&] { at::set_num_interop_threads(count); }); }
MT_API int32_t mt_get_num_interop_threads() { return static_cast<int32_t>(at::get_num_interop_threads()); }
MT_API int32_t mt_set_flush_denormal(int32_t on) { return at::globalContext().setFlushDenormal(on != 0) ? 1 : 0; }

MT_API int32_t mt_use_deterministic(int32_t on, int32_t warn_only) {
  return guarded([&] { at::globalContext().setDeterministicAlgorithms(on != 0, warn_only != 0); });
}

MT_API int32_t mt_deterministic() { return at::globalContext().deterministicAlgorithms() ? 1 : 0; }
MT_API int32_t mt_onednn() { return at::globalContext().userEnabledMkldnn() ? 1 : 0; }
MT_API void mt_set_onednn(int32_t on) { at::globalContext().setUserEnabledMkldnn(on != 0); }

// which: 0 cuDNN benchmark, 1 TF32 in matmul, 2 TF32 in cuDNN, 3 cuDNN deterministic, 4 cuDNN enabled. set < 0 only asks.
MT_API int32_t mt_backend_flag(int32_t which, int32_t set) {
  auto& c = at::globalContext();
  const bool on = set > 0;
  switch (which) {
    case 0: if (set >= 0) c.setBenchmarkCuDNN(on); return c.benchmarkCuDNN() ? 1 : 0;
    case 1: if (set >= 0) c.setAllowTF32CuBLAS(on); return c.allowTF32CuBLAS() ? 1 : 0;
    case 2: if (set >= 0) c.setAllowTF32CuDNN(on); return c.allowTF32CuDNN() ? 1 : 0;
    case 3: if (set >= 0) c.setDeterministicCuDNN(on); return c.deterministicCuDNN() ? 1 : 0;
    default: if (set >= 0) c.setUserEnabledCuDNN(on); return c.userEnabledCuDNN() ? 1 : 0;
  }
}

// ---- CUDA, all through hooks: this file is compiled without it too ---------------------------------------------------

MT_API int32_t mt_cuda_count() {
  int32_t count = 0;
  guarded([&] { count = at::hasCUDA() ? static_cast<int32_t>(at::getNumGPUs()) : 0; });
  return count;
}

MT_API int32_t mt_cudnn_available() {
  int32_t has = 0;
  guarded([&] { has = at::hasCUDA() && at::detail::getCUDAHooks().hasCuDNN() ? 1 : 0; });
  return has;
}

MT_API int32_t mt_cuda_synchronize(int32_t index) {
  return guarded([&] { at::detail::getCUDAHooks().deviceSynchronize(static_cast<c10::DeviceIndex>(index)); });
}

// Bytes of a device: allocated now, allocated at most, reserved now, reserved at most. reset restarts the two maxima.
MT_API int32_t mt_cuda_memory(int32_t index, int32_t reset, int64_t figures[4]) {
  return guarded([&] {
#if defined(MOTION_CUDA_HEADERS)
    auto* allocator = c10::cuda::CUDACachingAllocator::get();
    if (reset) allocator->resetPeakStats(static_cast<c10::DeviceIndex>(index));
    const auto stats = allocator->getDeviceStats(static_cast<c10::DeviceIndex>(index));
    figures[0] = stats.allocated_bytes[0].current;
    figures[1] = stats.allocated_bytes[0].peak;
    figures[2] = stats.reserved_bytes[0].current;
    figures[3] = stats.reserved_bytes[0].peak;
#else
    (void)index, (void)reset, (void)figures;
    throw std::runtime_error("this libmotion_aten was built without CUDA's headers, so it cannot ask the caching allocator");
#endif
  });
}
