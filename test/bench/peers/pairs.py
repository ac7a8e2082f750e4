import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(1)


def of_kind(kind, logits, mask):
    logits = logits.masked_fill(mask, -torch.inf)
    if kind == "logits":
        return logits
    if kind == "counts":
        return torch.where(mask, 0, 1 + torch.floor(100 * logits.exp()))
    return torch.softmax(logits, 1) if kind == "probs" else torch.log_softmax(logits, 1)


def prepare(rows, support, of_target, of_input, dtype, distance, masked, *options):
    """The computation of a workload, as test/bench/servers/core-pairs.ts has it."""
    torch.manual_seed(1)
    shape = int(rows), int(support)
    target_logits = 3 * torch.randn(shape, dtype=torch.float64)
    steps = torch.randn(shape, dtype=torch.float64)
    input_logits = 3 * steps if float(distance) == 0 else target_logits + float(distance) * steps
    mask = torch.rand(shape) < float(masked)
    target = of_kind(of_target, target_logits, mask).to(getattr(torch, dtype))
    input = of_kind(of_input, input_logits, mask).to(getattr(torch, dtype))
    dim = 1
    if "dim0" in options:
        target, input, dim = target.t().contiguous(), input.t().contiguous(), 0
    temperature = 2 if "temperature" in options else 1
    weights = 1 + torch.arange(shape[0], dtype=torch.float64) % 2 if "weights" in options else torch.ones(shape[0], dtype=torch.float64)

    def logs(kind, numbers):
        """Log-probabilities as float64."""
        numbers = numbers.double()
        if kind == "logits":
            return torch.log_softmax(numbers if temperature == 1 else numbers / temperature, dim)
        if kind == "counts":
            numbers = numbers / numbers.sum(dim, keepdim=True)
        return numbers if kind == "log_probs" else numbers.log()

    def kl(log_p, log_q):
        # masked on both sides, a term is NaN
        terms = F.kl_div(log_q, log_p, reduction="none", log_target=True)
        return (terms if float(masked) == 0 else terms.nan_to_num(0)).sum(dim)

    def divergences():
        if of_target == "probs" and of_input == "log_probs":
            terms = F.kl_div(input.double(), target.double(), reduction="none")
            return (terms if float(masked) == 0 else terms.nan_to_num(0)).sum(dim)
        log_p, log_q = logs(of_target, target), logs(of_input, input)
        found = kl(log_p, log_q)
        if "family" in options:
            reverse = kl(log_q, log_p)
            middle = torch.logaddexp(log_p, log_q) - torch.log(torch.tensor(2.0, dtype=torch.float64))
            (found + reverse, (kl(log_p, middle) + kl(log_q, middle)) / 2)
        if "statistics" in options:
            quantiles = torch.tensor([0.001, 0.01, 0.05, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999], dtype=torch.float64)
            (found.std(), found.quantile(quantiles), (target.argmax(dim) == input.argmax(dim)).double().mean())
        return found

    return lambda: (weights * divergences()).sum().item() / shape[0]


# a line of words prepares a workload; an empty line computes it once and writes the milliseconds and the value
for line in sys.stdin:
    if line.strip():
        compute = prepare(*line.split())
        print("ready", flush=True)
        continue
    begin = time.perf_counter()
    value = compute()
    print((time.perf_counter() - begin) * 1000, value, flush=True)
