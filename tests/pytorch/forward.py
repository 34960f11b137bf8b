"""What PyTorch computes with elth's weights: the logits of a batch, evaluated and trained on, and the statistics after it.

    python forward.py MODEL.py WEIGHTS.safetensors IMAGES.safetensors OUT.safetensors [WEIGHTS IMAGES OUT]...

Writes `evaluated` and `trained` (logits), and every tensor after one step of SGD as `after.NAME`.
"""

import importlib.util
import sys

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file


def network_of(path, weights):
    spec = importlib.util.spec_from_file_location("model", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with safe_open(weights, "pt") as file:
        about = file.metadata()
    channels, height, width = (int(size) for size in about["input"].split("x"))
    network = module.build(about["model"], int(about["classes"]), channels * height * width)
    tensors = load_file(weights)
    network.load_state_dict(tensors, strict=True)
    return network


def main(definitions, weights, images, out):
    network = network_of(definitions, weights)
    batch = load_file(images)["images"]
    labels = torch.arange(len(batch)) % 3
    answer = {}
    with torch.no_grad():
        answer["evaluated"] = network.eval()(batch)
    logits = network.train()(batch)
    answer["trained"] = logits.detach()
    torch.nn.functional.cross_entropy(logits, labels).backward()
    torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4).step()
    answer |= {f"after.{name}": tensor.float() for name, tensor in network.state_dict().items()}
    about = {"names": " ".join(network.state_dict())}
    save_file({name: tensor.contiguous() for name, tensor in answer.items()}, out, about)


if __name__ == "__main__":
    for three in zip(sys.argv[2::3], sys.argv[3::3], sys.argv[4::3], strict=True):
        main(sys.argv[1], *three)
