// gotch_compat.h lets the unmodified Go module github.com/sugarme/gotch v0.9.1, written for
// libtorch 2.1, compile against the libtorch that Debian ships: 1.13.1 in Debian 12, 2.6 in 13.
//
// setup.sh makes the C++ compiler read this file before anything else (-include). It is empty
// for every translation unit but gotch's torch_api.cpp, and nearly empty for libtorch 2.1.
//
// What gotch's operators do with libtorch 1.13:
//   as in 2.1    nearly all of them, among them 26 that are rebuilt here from 1.13's operators
//   throw        the 75 that cannot be rebuilt: c10::Error, which gotch's PROTECT turns into the
//                Go error of Xxx (and into log.Fatal in MustXxx)
//
// Contents
//   1  every libtorch: the svd driver
//   2  older than 2.1: 2a helpers, 2b absent operators, 2c operators with another signature,
//      2d members of Tensor
//   3  newer than 2.1: three operators whose arguments changed again
#if defined(__cplusplus) && defined(__has_include)
#if __has_include(<torch_api_generated.h>) // only gotch's libtch has this file on its -I path
#ifndef LETHE_GOTCH_COMPAT_H
#define LETHE_GOTCH_COMPAT_H

// All that torch_api.cpp reads of libtorch is read here first: the macros of 2b, 2d and 3 must
// not touch libtorch's own declarations.
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/engine.h>
#include <torch/csrc/jit/passes/fixup_trace_scope_blocks.h>
#include <torch/csrc/jit/passes/normalize_ops.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>
#include <torch/torch.h>
#include <torch/version.h>

#define GOTCH_TORCH (TORCH_VERSION_MAJOR * 100 + TORCH_VERSION_MINOR)
#if GOTCH_TORCH != 113 && GOTCH_TORCH != 201 && GOTCH_TORCH != 206
#warning "gotch_compat.h was written for libtorch 1.13, 2.1 and 2.6; this is another version"
#endif

// ---- 1. Every libtorch ------------------------------------------------------------------------
// gotch always passes a driver, and on the CPU every driver is refused, "" too. "" means none.
namespace gotch_compat {
inline c10::optional<c10::string_view> svd_driver(const std::string &name) {
  return name.empty() ? c10::nullopt : c10::optional<c10::string_view>(name);
}
} // namespace gotch_compat

namespace at {
inline ::std::tuple<Tensor, Tensor, Tensor> linalg_svd(const Tensor &a, bool full_matrices, const ::std::string &driver) {
  return at::linalg_svd(a, full_matrices, gotch_compat::svd_driver(driver));
}
inline Tensor linalg_svdvals(const Tensor &a, const ::std::string &driver) {
  return at::linalg_svdvals(a, gotch_compat::svd_driver(driver));
}
} // namespace at

#if GOTCH_TORCH < 201
// ---- 2a. Older than 2.1: helpers --------------------------------------------------------------
namespace gotch_compat {
using at::Tensor;
using c10::IntArrayRef;
using OptInt = c10::optional<int64_t>;
using OptDims = c10::optional<IntArrayRef>;
using T2 = std::tuple<Tensor, Tensor>;
using T3 = std::tuple<Tensor, Tensor, Tensor>;
using T4 = std::tuple<Tensor, Tensor, Tensor, Tensor>;
using T5 = std::tuple<Tensor, Tensor, Tensor, Tensor, Tensor>;
using T6 = std::tuple<Tensor, Tensor, Tensor, Tensor, Tensor, Tensor>;
using T7 = std::tuple<Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor>;

[[noreturn]] inline void missing(const char *op) {
  TORCH_CHECK(false, "gotch: operator '", op, "' needs libtorch >= 2.1; this program is linked with libtorch ", TORCH_VERSION);
}

// 1.13 corrects by a whole number of degrees of freedom only.
inline OptInt correction(const at::Scalar &c) {
  TORCH_CHECK(c.isIntegral(false), "gotch: a correction that is not an integer needs libtorch >= 2.1");
  return c.to<int64_t>();
}

// Last dimension first, so that removing one does not renumber those still to come.
inline std::vector<int64_t> dims_descending(const Tensor &t, IntArrayRef dims) {
  std::vector<int64_t> d;
  for (int64_t i : dims) d.push_back(at::maybe_wrap_dim(i, t.dim()));
  std::sort(d.rbegin(), d.rend());
  return d;
}
} // namespace gotch_compat

// ---- 2b. Older than 2.1: absent operators -----------------------------------------------------
// They take whatever they are given, and throw.
namespace torch {
#define GOTCH_ABSENT(result, name)                                                                 \
  template <class... A> result name(A &&...) { gotch_compat::missing(#name); }
#define GOTCH_ABSENT1(name) GOTCH_ABSENT(gotch_compat::Tensor, name)
#define GOTCH_ABSENT2(name) GOTCH_ABSENT(gotch_compat::T2, name)
#define GOTCH_ABSENT3(name) GOTCH_ABSENT(gotch_compat::T3, name)
#define GOTCH_ABSENT4(name) GOTCH_ABSENT(gotch_compat::T4, name)

// public
GOTCH_ABSENT1(empty_permuted)
GOTCH_ABSENT1(empty_permuted_out)
GOTCH_ABSENT1(max_pool2d_backward)
GOTCH_ABSENT1(max_pool2d_backward_out)
GOTCH_ABSENT4(mkldnn_rnn_layer)
GOTCH_ABSENT4(mkldnn_rnn_layer_out)
GOTCH_ABSENT(gotch_compat::T7, mkldnn_rnn_layer_backward)
GOTCH_ABSENT(gotch_compat::T7, mkldnn_rnn_layer_backward_out)
GOTCH_ABSENT1(nonzero_static)
GOTCH_ABSENT1(nonzero_static_out)
GOTCH_ABSENT1(quantized_max_pool3d)
GOTCH_ABSENT1(quantized_max_pool3d_out)
GOTCH_ABSENT(void, sym_constrain_range)
GOTCH_ABSENT(void, sym_constrain_range_for_size)

// private: attention
GOTCH_ABSENT4(_efficient_attention_backward)
GOTCH_ABSENT1(_fill_mem_eff_dropout_mask_)
GOTCH_ABSENT3(_flash_attention_backward)
GOTCH_ABSENT(int64_t, _fused_sdp_choice)
GOTCH_ABSENT4(_scaled_dot_product_efficient_attention)
GOTCH_ABSENT3(_scaled_dot_product_flash_attention_backward)

// private: batch normalisation and activations
GOTCH_ABSENT3(_native_batch_norm_legit)
GOTCH_ABSENT3(_native_batch_norm_legit_out)
GOTCH_ABSENT(gotch_compat::T5, _native_batch_norm_legit_functional)
GOTCH_ABSENT3(_native_batch_norm_legit_no_training)
GOTCH_ABSENT3(_native_batch_norm_legit_no_training_out)
GOTCH_ABSENT1(_prelu_kernel)
GOTCH_ABSENT2(_prelu_kernel_backward)

// private: sparse and low-precision products
GOTCH_ABSENT1(_cslt_compress)
GOTCH_ABSENT1(_cslt_sparse_mm)
GOTCH_ABSENT1(_int_mm)
GOTCH_ABSENT1(_int_mm_out)
GOTCH_ABSENT2(_scaled_mm)
GOTCH_ABSENT2(_scaled_mm_out)
GOTCH_ABSENT1(_sparse_mask_projection_out)
GOTCH_ABSENT2(_sparse_mm_reduce_impl)
GOTCH_ABSENT1(_sparse_semi_structured_linear)
GOTCH_ABSENT1(_to_sparse_out)
GOTCH_ABSENT1(_to_sparse_csr_out)
GOTCH_ABSENT1(_to_sparse_csc_out)
GOTCH_ABSENT1(_to_sparse_bsr_out)
GOTCH_ABSENT1(_to_sparse_bsc_out)
GOTCH_ABSENT2(_to_sparse_semi_structured)

// private: the rest
GOTCH_ABSENT1(_functional_assert_async)
GOTCH_ABSENT1(_functional_sym_constrain_range)
GOTCH_ABSENT1(_functional_sym_constrain_range_for_size)
GOTCH_ABSENT1(_is_all_true)
GOTCH_ABSENT1(_is_any_true)
GOTCH_ABSENT1(_make_dep_token)
GOTCH_ABSENT(void, _propagate_xla_data)
GOTCH_ABSENT1(_reshape_copy)
GOTCH_ABSENT1(_test_check_tensor)
GOTCH_ABSENT1(_test_functorch_fallback)
GOTCH_ABSENT1(_test_functorch_fallback_out)
GOTCH_ABSENT1(_unsafe_index)
GOTCH_ABSENT1(_unsafe_index_put)

// 1.13 has these two with fewer results. A return type cannot be overloaded, so gotch is
// sent to another name.
GOTCH_ABSENT(gotch_compat::T6, gotch_lstm_mps)
GOTCH_ABSENT(gotch_compat::T6, gotch_lstm_mps_out)

#undef GOTCH_ABSENT4
#undef GOTCH_ABSENT3
#undef GOTCH_ABSENT2
#undef GOTCH_ABSENT1
#undef GOTCH_ABSENT
} // namespace torch
#define _lstm_mps gotch_lstm_mps
#define _lstm_mps_out gotch_lstm_mps_out

// ---- 2c. Older than 2.1: operators with another signature -------------------------------------
// An overload with 2.1's signature calls 1.13's operator. The overloads stand in namespace at,
// beside 1.13's own, because torch:: re-exports that name as one set.
namespace at {
// squeeze: several dimensions at once
inline Tensor squeeze(const Tensor &self, IntArrayRef dims) {
  Tensor t = self.alias();
  for (int64_t d : gotch_compat::dims_descending(self, dims)) t = t.squeeze(d);
  return t;
}
inline Tensor squeeze_copy(const Tensor &self, IntArrayRef dims) { return at::squeeze(self, dims).clone(); }
inline Tensor &squeeze_copy_out(Tensor &out, const Tensor &self, IntArrayRef dims) {
  Tensor t = at::squeeze(self, dims);
  return out.resize_(t.sizes()).copy_(t);
}

// std, var: the correction is a Scalar. Templates, because 1.13's integer overloads must keep
// winning for everything that merely converts to a Scalar.
#define GOTCH_SCALAR_ONLY template <class S, class = ::std::enable_if_t<::std::is_same<S, Scalar>::value>>
#define GOTCH_CORRECTION(f)                                                                        \
  GOTCH_SCALAR_ONLY Tensor f(const Tensor &self, gotch_compat::OptDims dim, const S &c, bool keepdim) { \
    return at::f(self, dim, gotch_compat::correction(c), keepdim);                                 \
  }                                                                                                \
  GOTCH_SCALAR_ONLY Tensor &f##_out(Tensor &out, const Tensor &self, gotch_compat::OptDims dim, const S &c, bool keepdim) { \
    return at::f##_out(out, self, dim, gotch_compat::correction(c), keepdim);                      \
  }                                                                                                \
  GOTCH_SCALAR_ONLY ::std::tuple<Tensor, Tensor> f##_mean(const Tensor &self, gotch_compat::OptDims dim, const S &c, bool keepdim) { \
    return at::f##_mean(self, dim, gotch_compat::correction(c), keepdim);                          \
  }                                                                                                \
  GOTCH_SCALAR_ONLY ::std::tuple<Tensor &, Tensor &> f##_mean_out(Tensor &out, Tensor &mean, const Tensor &self, gotch_compat::OptDims dim, const S &c, bool keepdim) { \
    return at::f##_mean_out(out, mean, self, dim, gotch_compat::correction(c), keepdim);           \
  }
GOTCH_CORRECTION(std)
GOTCH_CORRECTION(var)
#undef GOTCH_CORRECTION
#undef GOTCH_SCALAR_ONLY

// max, min: over all elements, into out
inline Tensor &max_out(Tensor &out, const Tensor &self) { return out.resize_({}).copy_(self.max()); }
inline Tensor &min_out(Tensor &out, const Tensor &self) { return out.resize_({}).copy_(self.min()); }

// mkldnn_reorder_conv2d_weight: input_size is only a hint
inline Tensor mkldnn_reorder_conv2d_weight(const Tensor &self, IntArrayRef padding, IntArrayRef stride, IntArrayRef dilation,
                                           int64_t groups, gotch_compat::OptDims /*input_size*/) {
  return at::mkldnn_reorder_conv2d_weight(self, padding, stride, dilation, groups);
}
inline Tensor &mkldnn_reorder_conv2d_weight_out(Tensor &out, const Tensor &self, IntArrayRef padding, IntArrayRef stride,
                                                IntArrayRef dilation, int64_t groups, gotch_compat::OptDims /*input_size*/) {
  return at::mkldnn_reorder_conv2d_weight_out(out, self, padding, stride, dilation, groups);
}

// not to be had from 1.13's operators: throw
inline ::std::tuple<Tensor &, Tensor &> _ctc_loss_out(Tensor &, Tensor &, const Tensor &, const Tensor &, const Tensor &, const Tensor &, int64_t, bool) {
  gotch_compat::missing("_ctc_loss.Tensor_out");
}
inline Tensor _nested_view_from_buffer(const Tensor &, const Tensor &, const Tensor &, const Tensor &) {
  gotch_compat::missing("_nested_view_from_buffer");
}
inline Tensor _nested_view_from_buffer_copy(const Tensor &, const Tensor &, const Tensor &, const Tensor &) {
  gotch_compat::missing("_nested_view_from_buffer_copy");
}
inline Tensor &_nested_view_from_buffer_copy_out(Tensor &, const Tensor &, const Tensor &, const Tensor &, const Tensor &) {
  gotch_compat::missing("_nested_view_from_buffer_copy_out");
}
inline ::std::tuple<Tensor, Tensor> _scaled_dot_product_attention_math(const Tensor &, const Tensor &, const Tensor &, const Tensor &, double, bool, const Tensor &, c10::optional<double>) {
  gotch_compat::missing("_scaled_dot_product_attention_math");
}
inline Tensor &_sparse_coo_tensor_with_dims_and_tensors_out(Tensor &, int64_t, int64_t, IntArrayRef, const Tensor &, const Tensor &, bool) {
  gotch_compat::missing("_sparse_coo_tensor_with_dims_and_tensors_out(is_coalesced)");
}
inline Tensor _sparse_mm(const Tensor &, const Tensor &, ::std::string) { gotch_compat::missing("_sparse_mm(reduce)"); }
inline Tensor to_dense_backward(const Tensor &, const Tensor &, bool) { gotch_compat::missing("to_dense_backward(masked_grad)"); }
inline Tensor &_to_dense_out(Tensor &, const Tensor &, c10::optional<ScalarType>, bool) { gotch_compat::missing("_to_dense_out(masked_grad)"); }
} // namespace at

namespace torch {
// softmax(q k^T scale + mask) v; private in 1.13, and without scale
inline at::Tensor scaled_dot_product_attention(const at::Tensor &q, const at::Tensor &k, const at::Tensor &v, const at::Tensor &mask,
                                               double dropout_p, bool is_causal, c10::optional<double> scale) {
  TORCH_CHECK(!(is_causal && mask.defined()), "gotch: attn_mask and is_causal exclude each other");
  at::Tensor keep = is_causal ? at::ones({q.size(-2), k.size(-2)}, q.options().dtype(at::kBool)).tril() : mask;
  at::Tensor a = at::matmul(q, k.transpose(-2, -1)) * scale.value_or(1.0 / std::sqrt(static_cast<double>(q.size(-1))));
  if (keep.defined() && keep.scalar_type() == at::kBool)
    a = a.masked_fill(keep.logical_not(), -std::numeric_limits<double>::infinity());
  else if (keep.defined())
    a = a + keep;
  return at::matmul(at::dropout(a.softmax(-1), dropout_p, dropout_p > 0), v);
}

// sparse COO: the flag is_coalesced (torch:: wraps these factories itself, so not in at)
inline at::Tensor sparse_coo_tensor(const at::Tensor &indices, const at::Tensor &values, at::TensorOptions o, bool is_coalesced) {
  return torch::sparse_coo_tensor(indices, values, o)._coalesced_(is_coalesced);
}
inline at::Tensor sparse_coo_tensor(const at::Tensor &indices, const at::Tensor &values, at::IntArrayRef size, at::TensorOptions o, bool is_coalesced) {
  return torch::sparse_coo_tensor(indices, values, size, o)._coalesced_(is_coalesced);
}
inline at::Tensor _sparse_coo_tensor_unsafe(const at::Tensor &indices, const at::Tensor &values, at::IntArrayRef size, at::TensorOptions o, bool is_coalesced) {
  return torch::_sparse_coo_tensor_unsafe(indices, values, size, o)._coalesced_(is_coalesced);
}
inline at::Tensor _sparse_coo_tensor_with_dims_and_tensors(int64_t, int64_t, at::IntArrayRef, const at::Tensor &, const at::Tensor &, at::TensorOptions, bool) {
  gotch_compat::missing("_sparse_coo_tensor_with_dims_and_tensors(is_coalesced)");
}
} // namespace torch

// ---- 2d. Older than 2.1: members of Tensor ----------------------------------------------------
// A class cannot be extended from outside, so gotch's `self->f(...)` is rewritten by a macro f
// into `self->defined() || true ? gotch_compat::f(*self, ...) : at::Tensor()`.
namespace gotch_compat {
inline Tensor squeeze_(const Tensor &t) { return t.squeeze_(); }
inline Tensor squeeze_(const Tensor &t, int64_t dim) { return t.squeeze_(dim); }
inline Tensor squeeze_(const Tensor &t, IntArrayRef dims) {
  for (int64_t d : dims_descending(t, dims)) t.squeeze_(d);
  return t;
}

// 1.13 always masks the gradient, whatever the last argument says.
inline Tensor to_dense(const Tensor &t, c10::optional<at::ScalarType> dtype, bool /*masked_grad*/) {
  Tensor d = t.to_dense();
  return dtype.has_value() ? d.to(*dtype) : d;
}

inline Tensor to_sparse(const Tensor &t, int64_t sparse_dim) { return t.to_sparse(sparse_dim); }
inline Tensor to_sparse(const Tensor &t, c10::optional<at::Layout> layout, OptDims blocksize, OptInt dense_dim) {
  if (layout.value_or(at::kSparse) != at::kSparse || blocksize.has_value() || dense_dim.has_value())
    missing("to_sparse(layout, blocksize, dense_dim)");
  return t.to_sparse();
}

inline void refuse_dense_dim(OptInt dense_dim) {
  if (dense_dim.has_value()) missing("to_sparse_*(dense_dim)");
}
inline Tensor to_sparse_csr(const Tensor &t, OptInt dense_dim) {
  refuse_dense_dim(dense_dim);
  return t.to_sparse_csr();
}
inline Tensor to_sparse_csc(const Tensor &t, OptInt dense_dim) {
  refuse_dense_dim(dense_dim);
  return t.to_sparse_csc();
}
inline Tensor to_sparse_bsr(const Tensor &t, IntArrayRef blocksize, OptInt dense_dim) {
  refuse_dense_dim(dense_dim);
  return t.to_sparse_bsr(blocksize);
}
inline Tensor to_sparse_bsc(const Tensor &t, IntArrayRef blocksize, OptInt dense_dim) {
  refuse_dense_dim(dense_dim);
  return t.to_sparse_bsc(blocksize);
}

[[noreturn]] inline Tensor absent_member(const char *op) { missing(op); }
} // namespace gotch_compat

#define GOTCH_MEMBER(call) defined() || true ? gotch_compat::call : at::Tensor()
#define squeeze_(...) GOTCH_MEMBER(squeeze_(*self __VA_OPT__(, ) __VA_ARGS__))
#define to_dense(...) GOTCH_MEMBER(to_dense(*self, __VA_ARGS__))
#define to_sparse(...) GOTCH_MEMBER(to_sparse(*self, __VA_ARGS__))
#define to_sparse_csr(...) GOTCH_MEMBER(to_sparse_csr(*self, __VA_ARGS__))
#define to_sparse_csc(...) GOTCH_MEMBER(to_sparse_csc(*self, __VA_ARGS__))
#define to_sparse_bsr(...) GOTCH_MEMBER(to_sparse_bsr(*self, __VA_ARGS__))
#define to_sparse_bsc(...) GOTCH_MEMBER(to_sparse_bsc(*self, __VA_ARGS__))
#define _sparse_mask_projection(...) GOTCH_MEMBER(absent_member("_sparse_mask_projection"))
#define _to_dense(...) GOTCH_MEMBER(absent_member("_to_dense"))
#define _to_sparse(...) GOTCH_MEMBER(absent_member("_to_sparse"))
#define _to_sparse_csr(...) GOTCH_MEMBER(absent_member("_to_sparse_csr"))
#define _to_sparse_csc(...) GOTCH_MEMBER(absent_member("_to_sparse_csc"))
#define _to_sparse_bsr(...) GOTCH_MEMBER(absent_member("_to_sparse_bsr"))
#define _to_sparse_bsc(...) GOTCH_MEMBER(absent_member("_to_sparse_bsc"))
#endif // GOTCH_TORCH < 201

#if GOTCH_TORCH > 201
// ---- 3. Newer than 2.1: arguments that changed again ------------------------------------------
namespace gotch_compat {
[[noreturn]] inline void gone(const char *op) {
  TORCH_CHECK(false, "gotch: operator '", op, "' needs libtorch 2.1; this program is linked with libtorch ", TORCH_VERSION);
}
} // namespace gotch_compat
namespace torch {
template <class... A> at::Tensor gotch_cslt_sparse_mm(A &&...) { gotch_compat::gone("_cslt_sparse_mm"); }
template <class... A> std::tuple<at::Tensor, at::Tensor> gotch_scaled_mm(A &&...) { gotch_compat::gone("_scaled_mm"); }
template <class... A> std::tuple<at::Tensor, at::Tensor> gotch_scaled_mm_out(A &&...) { gotch_compat::gone("_scaled_mm_out"); }
} // namespace torch
#define _cslt_sparse_mm gotch_cslt_sparse_mm
#define _scaled_mm gotch_scaled_mm
#define _scaled_mm_out gotch_scaled_mm_out
#endif // GOTCH_TORCH > 201

#endif // LETHE_GOTCH_COMPAT_H
#endif // torch_api_generated.h
#endif // C++
