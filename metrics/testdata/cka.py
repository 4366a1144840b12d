"""The values in cka_test.go, from NumPy 1.24: python3 cka.py"""
import numpy as np


def waves(n, d, a, b, shift):
    i, j = np.mgrid[1:n + 1, 1:d + 1]
    return np.sin(a * i * j + b * j) + shift


def norm(x):
    return np.linalg.norm(x, "fro")


def unbiased(k, l):
    n = len(k)
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    one = np.ones(n)
    total = np.trace(k @ l) + (one @ k @ one) * (one @ l @ one) / (n - 1) / (n - 2) - 2 / (n - 2) * (one @ k @ l @ one)
    return total / n / (n - 3)


x, y = waves(16, 4, .37, .11, 0), waves(16, 6, .53, .29, .25)
a, b = x - x.mean(0), y - y.mean(0)
print("plain", repr(norm(b.T @ a) ** 2 / norm(a.T @ a) / norm(b.T @ b)))
k, l = x @ x.T, y @ y.T
print("debiased", repr(unbiased(k, l) / np.sqrt(unbiased(k, k) * unbiased(l, l))))
