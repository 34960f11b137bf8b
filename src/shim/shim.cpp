// What tch does not expose, as C functions that never throw.
//
// Each answers null when it is done, else the reason: text that is valid until this thread's next call.
// At link time only libtorch_cpu and libc10 are touched, so that one object serves machines with and
// without CUDA; CUDA's kernels are found by dispatch once the library is loaded, and
// at::cuda::CUDAGraph by its members' names, which spares the headers that no wheel of PyTorch carries.
#include <ATen/Context.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/_foreach_copy.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_zero.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/empty_like.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>
#include <malloc.h>
#include <torch/csrc/api/include/torch/version.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

// Instead of <ATen/autocast_mode.h>, which brings all of ATen and three times the compile time.
namespace at::autocast {
TORCH_API bool is_autocast_enabled(at::DeviceType);
TORCH_API void set_autocast_enabled(at::DeviceType, bool);
TORCH_API at::ScalarType get_autocast_dtype(at::DeviceType);
TORCH_API void set_autocast_dtype(at::DeviceType, at::ScalarType);
TORCH_API int increment_nesting();
TORCH_API int decrement_nesting();
TORCH_API void clear_cache();
}  // namespace at::autocast

namespace {

template <class Body>
const char* guarded(Body body) noexcept {
  thread_local std::string reason;
  try {
    body();
    return nullptr;
  } catch (const c10::Error& error) {
    // Without the C++ backtrace, which helps nobody here.
    reason = error.what_without_backtrace();
  } catch (const std::exception& error) {
    reason = error.what();
  } catch (...) {
    reason = "libtorch threw something that is no exception";
  }
  return reason.c_str();
}

std::vector<at::Tensor> listed(at::Tensor* const* tensors, size_t count) {
  std::vector<at::Tensor> list;
  list.reserve(count);
  for (size_t i = 0; i < count; ++i) list.push_back(*tensors[i]);
  return list;
}

// The fused kernel walks plain memory: a gradient laid out otherwise than its weights would be
// added to the wrong ones.
at::Tensor laid_out_like(const at::Tensor& model, const at::Tensor& tensor) {
  TORCH_CHECK(tensor.sizes() == model.sizes(), "a gradient of shape ", tensor.sizes(), " for a tensor of shape ", model.sizes());
  if (tensor.strides() == model.strides()) return tensor;
  return at::empty_like(model).copy_(tensor);
}

struct SgdLists {
  std::vector<at::Tensor> weights, gradients, momenta;
};

// Weights without a gradient are left alone, as PyTorch's optimisers do.
SgdLists sgd_lists(at::Tensor* const* weights, at::Tensor* const* gradients, at::Tensor* const* momenta, size_t count, bool with_momentum) {
  SgdLists lists;
  for (size_t i = 0; i < count; ++i) {
    at::Tensor gradient = gradients ? *gradients[i] : weights[i]->grad();
    if (!gradient.defined()) continue;
    lists.weights.push_back(*weights[i]);
    lists.gradients.push_back(laid_out_like(*weights[i], gradient));
    if (!with_momentum) continue;
    TORCH_CHECK(momenta[i]->strides() == weights[i]->strides() && momenta[i]->sizes() == weights[i]->sizes(),
                "a momentum buffer that is not laid out like its weights");
    lists.momenta.push_back(*momenta[i]);
  }
  return lists;
}

// at::cuda::CUDAGraph of libtorch 2.11: `this` comes first (Itanium C++ ABI), the object has 104 bytes.
using Pool = std::pair<unsigned long long, unsigned long long>;
constexpr int kCaptureThreadLocal = 1;  // cudaStreamCaptureModeThreadLocal: other threads may ask the driver things

struct GraphApi {
  void (*construct)(void*, bool);
  void (*destroy)(void*);
  void (*begin)(void*, Pool, int);
  void (*end)(void*);
  void (*replay)(void*);
  Pool (*pool)(void*);
};

template <class Function>
void find(Function& function, const char* name) {
  function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  TORCH_CHECK(function, "CUDA's part of libtorch 2.11.0 is not loaded (no ", name, ")");
}

const GraphApi& graph_api() {
  static const GraphApi api = [] {
    GraphApi found;
    find(found.construct, "_ZN2at4cuda9CUDAGraphC1Eb");
    find(found.destroy, "_ZN2at4cuda9CUDAGraphD1Ev");
    find(found.begin, "_ZN2at4cuda9CUDAGraph13capture_beginESt4pairIyyE21cudaStreamCaptureMode");
    find(found.end, "_ZN2at4cuda9CUDAGraph11capture_endEv");
    find(found.replay, "_ZN2at4cuda9CUDAGraph6replayEv");
    find(found.pool, "_ZN2at4cuda9CUDAGraph4poolEv");
    return found;
  }();
  return api;
}

struct Graph {
  Graph() { graph_api().construct(object, false); }
  ~Graph() { graph_api().destroy(object); }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  alignas(16) char object[512];
};

c10::impl::VirtualGuardImpl cuda() { return c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA); }

struct SideStream {
  c10::Stream side, before;
};

}  // namespace

extern "C" {

const char* elth_torch_version() { return TORCH_VERSION; }

const char* elth_fused_sgd(at::Tensor* const* weights, at::Tensor* const* gradients, at::Tensor* const* momenta, size_t count,
                           const at::Tensor* device_lr, double lr, double momentum, double weight_decay, bool nesterov) {
  return guarded([&] {
    auto lists = sgd_lists(weights, gradients, momenta, count, momentum != 0.0);
    if (lists.weights.empty()) return;
    // A zero buffer makes the first step what every other is: 0 * momentum + gradient.
    if (device_lr) {
      at::_fused_sgd_(lists.weights, lists.gradients, lists.momenta, weight_decay, momentum, *device_lr, 0.0, nesterov, false, false);
    } else {
      at::_fused_sgd_(lists.weights, lists.gradients, lists.momenta, weight_decay, momentum, lr, 0.0, nesterov, false, false);
    }
  });
}

const char* elth_foreach_mul(at::Tensor* const* tensors, at::Tensor* const* factors, size_t count) {
  return guarded([&] {
    if (count) at::_foreach_mul_(listed(tensors, count), listed(factors, count));
  });
}

const char* elth_foreach_copy(at::Tensor* const* tensors, at::Tensor* const* sources, size_t count) {
  return guarded([&] {
    if (count) at::_foreach_copy_(listed(tensors, count), listed(sources, count));
  });
}

const char* elth_foreach_zero(at::Tensor* const* tensors, size_t count) {
  return guarded([&] {
    if (count) at::_foreach_zero_(listed(tensors, count));
  });
}

const char* elth_channels_last(const at::Tensor* tensor, at::Tensor** result) {
  return guarded([&] { *result = new at::Tensor(tensor->contiguous(at::MemoryFormat::ChannelsLast)); });
}

const char* elth_set_data_channels_last(at::Tensor* tensor) {
  return guarded([&] { tensor->set_data(tensor->contiguous(at::MemoryFormat::ChannelsLast)); });
}

const char* elth_tf32(bool on) {
  return guarded([&] {
    at::globalContext().setAllowTF32CuBLAS(on);
    at::globalContext().setAllowTF32CuDNN(on);
  });
}

const char* elth_deterministic(bool on) {
  return guarded([&] {
    auto& context = at::globalContext();
    context.setDeterministicAlgorithms(on, false);
    context.setDeterministicCuDNN(on);
    context.setDeterministicMkldnn(on);
    context.setBenchmarkCuDNN(!on);
    // Filling fresh memory finds reads of it; nobody here reads what nobody wrote, and it costs time.
    context.setDeterministicFillUninitializedMemory(false);
  });
}

// glibc gives large blocks back to the kernel as soon as they are freed, and takes them again, page by page, at
// the next step.
bool elth_keep_memory() {
#ifdef M_MMAP_THRESHOLD
  constexpr int largest = 1 << 30, padding = 64 << 20;
  return mallopt(M_MMAP_THRESHOLD, largest) && mallopt(M_TRIM_THRESHOLD, largest) && mallopt(M_TOP_PAD, padding);
#else
  return false;
#endif
}

bool elth_flush_denormal(bool on) { return at::Context::setFlushDenormal(on); }

const char* elth_autocast_enter(int device, int kind, bool* was_on, int* was_kind) {
  return guarded([&] {
    auto type = static_cast<at::DeviceType>(device);
    *was_on = at::autocast::is_autocast_enabled(type);
    *was_kind = static_cast<int>(at::autocast::get_autocast_dtype(type));
    at::autocast::set_autocast_dtype(type, static_cast<at::ScalarType>(kind));
    at::autocast::set_autocast_enabled(type, true);
    at::autocast::increment_nesting();
  });
}

const char* elth_autocast_exit(int device, bool was_on, int was_kind) {
  return guarded([&] {
    auto type = static_cast<at::DeviceType>(device);
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(type, was_on);
    at::autocast::set_autocast_dtype(type, static_cast<at::ScalarType>(was_kind));
  });
}

const char* elth_stream_new(int device, void** result) {
  return guarded([&] {
    auto guard = cuda();
    c10::Device where(c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(device));
    *result = new SideStream{guard.getStreamFromGlobalPool(where), guard.getStream(where)};
  });
}

const char* elth_stream_enter(void* stream) {
  return guarded([&] {
    auto* streams = static_cast<SideStream*>(stream);
    auto guard = cuda();
    streams->before = guard.getStream(streams->side.device());
    guard.synchronizeStream(streams->before);
    guard.exchangeStream(streams->side);
  });
}

const char* elth_stream_leave(void* stream) {
  return guarded([&] {
    auto* streams = static_cast<SideStream*>(stream);
    auto guard = cuda();
    // The way back is taken even if the wait reports an error of the work before it.
    guard.exchangeStream(streams->before);
    guard.synchronizeStream(streams->side);
  });
}

void elth_stream_free(void* stream) { delete static_cast<SideStream*>(stream); }

const char* elth_graph_new(void** result) {
  return guarded([&] { *result = std::make_unique<Graph>().release(); });
}

const char* elth_graph_begin(void* graph, void* pool_of) {
  return guarded([&] {
    Pool pool = pool_of ? graph_api().pool(static_cast<Graph*>(pool_of)->object) : Pool{0, 0};
    graph_api().begin(static_cast<Graph*>(graph)->object, pool, kCaptureThreadLocal);
  });
}

const char* elth_graph_end(void* graph) {
  return guarded([&] { graph_api().end(static_cast<Graph*>(graph)->object); });
}

const char* elth_graph_replay(void* graph) {
  return guarded([&] { graph_api().replay(static_cast<Graph*>(graph)->object); });
}

const char* elth_graph_free(void* graph) {
  return guarded([&] { delete static_cast<Graph*>(graph); });
}

}  // extern "C"
