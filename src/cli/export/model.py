"""The networks that elth's tickets are of, in PyTorch, with the official names of their tensors.

    network = build("cifar_resnet_20", classes=10, values=3 * 32 * 32)
"""

from torch import nn


def conv(channels, out, kernel, stride=1, groups=1, bias=False):
    return nn.Conv2d(channels, out, kernel, stride, kernel // 2, groups=groups, bias=bias)


class Residual(nn.Module):
    """Two 3x3 convolutions beside a shortcut, or a 1x1, a 3x3 and a 1x1 where the block is a bottleneck."""

    def __init__(self, channels, width, stride, shortcut, bottleneck=False):
        super().__init__()
        out = 4 * width if bottleneck else width
        self.bottleneck = bottleneck
        self.conv1 = conv(channels, width, 1 if bottleneck else 3, 1 if bottleneck else stride)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv(width, width, 3, stride if bottleneck else 1)
        self.bn2 = nn.BatchNorm2d(width)
        if bottleneck:
            self.conv3 = conv(width, out, 1)
            self.bn3 = nn.BatchNorm2d(out)
        changes = stride != 1 or channels != out
        self.around = shortcut if changes else None
        if changes:
            setattr(self, shortcut, nn.Sequential(conv(channels, out, 1, stride), nn.BatchNorm2d(out)))

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        if self.bottleneck:
            y = self.bn3(self.conv3(y.relu()))
        return (y + (getattr(self, self.around)(x) if self.around else x)).relu()


class CifarResNet(nn.Module):
    """Three stages of residual blocks; `depth` is the official number, or the blocks of each stage."""

    def __init__(self, classes, depth, width=16):
        super().__init__()
        self.conv, self.bn = conv(3, width, 3), nn.BatchNorm2d(width)
        blocks, channels = [], width
        depths = depth if isinstance(depth, tuple) else ((depth - 2) // 6,) * 3
        for stage, units in enumerate(depths):
            for block in range(units):
                blocks.append(Residual(channels, width << stage, 2 if stage and not block else 1, "shortcut"))
                channels = width << stage
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x):
        return self.fc(self.blocks(self.bn(self.conv(x)).relu()).mean((2, 3)))


class ConvNorm(nn.Module):
    def __init__(self, channels, out):
        super().__init__()
        self.conv, self.bn = conv(channels, out, 3, bias=True), nn.BatchNorm2d(out)

    def forward(self, x):
        return self.bn(self.conv(x)).relu()


class Vgg(nn.Module):
    """Five stages of convolutions; `connected` fully connected layers, the last of which is `fc`."""

    DEPTHS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}

    def __init__(self, classes, depth, width=64, connected=1):
        super().__init__()
        layers, channels = [], 3
        for stage, units in enumerate(depth if isinstance(depth, tuple) else self.DEPTHS[depth]):
            layers += [nn.MaxPool2d(2)] if stage else []
            for _ in range(units):
                layers.append(ConvNorm(channels, width << min(stage, 3)))
                channels = width << min(stage, 3)
        self.layers = nn.Sequential(*layers)
        hidden = [layer for _ in range(connected - 1) for layer in (nn.Linear(channels, channels), nn.ReLU())]
        self.classifier = nn.Sequential(*hidden)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x):
        return self.fc(self.classifier(self.layers(x).mean((2, 3))))


class Separable(nn.Module):
    def __init__(self, channels, out, stride):
        super().__init__()
        self.conv1, self.bn1 = conv(channels, channels, 3, stride, groups=channels), nn.BatchNorm2d(channels)
        self.conv2, self.bn2 = conv(channels, out, 1), nn.BatchNorm2d(out)

    def forward(self, x):
        return self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())).relu()


class MobileNet(nn.Module):
    def __init__(self, classes, blocks=5, width=32):
        super().__init__()
        self.conv, self.bn = conv(3, width, 3), nn.BatchNorm2d(width)
        self.layers_part1 = self.part(width, width, [(2, 1), (4, 2), (4, 1), (8, 2), (8, 1), (16, 2)])
        self.layers_part2 = self.part(16 * width, width, [(16, 1)] * blocks)
        self.layers_part3 = self.part(16 * width, width, [(32, 2), (32, 1)])
        self.fc = nn.Linear(32 * width, classes)

    @staticmethod
    def part(channels, width, plan):
        outs = [factor * width for factor, _ in plan]
        blocks = zip([channels, *outs], outs, plan)
        return nn.Sequential(*[Separable(into, out, stride) for into, out, (_, stride) in blocks])

    def forward(self, x):
        x = self.layers_part1(self.bn(self.conv(x)).relu())
        return self.fc(self.layers_part3(self.layers_part2(x)).mean((2, 3)))


class Perceptron(nn.Module):
    def __init__(self, classes, values, *widths):
        super().__init__()
        inputs = [values, *widths]
        self.fc_layers = nn.ModuleList([nn.Linear(into, out) for into, out in zip(inputs, widths)])
        self.fc = nn.Linear(inputs[-1], classes)

    def forward(self, x):
        x = x.flatten(1)
        for layer in self.fc_layers:
            x = layer(x).relu()
        return self.fc(x)


class LargeResNet(nn.Module):
    """The residual networks for ImageNet; with a small stem those of `cifarhe_resnet`."""

    PLANS = {
        18: (False, (2, 2, 2, 2)),
        26: (False, (2, 3, 4, 3)),
        34: (False, (3, 4, 6, 3)),
        50: (True, (3, 4, 6, 3)),
        101: (True, (3, 4, 23, 3)),
        152: (True, (3, 8, 36, 3)),
        200: (True, (3, 24, 36, 3)),
    }

    def __init__(self, classes, small, depth, width=64):
        super().__init__()
        bottleneck, depths = depth if isinstance(depth, tuple) else self.PLANS[depth]
        self.conv1 = conv(3, width, 3) if small else conv(3, width, 7, 2)
        self.bn1 = nn.BatchNorm2d(width)
        self.maxpool = nn.Identity() if small else nn.MaxPool2d(3, 2, 1)
        channels = width
        for stage, units in enumerate(depths):
            blocks = []
            for unit in range(units):
                stride = 2 if stage and not unit else 1
                blocks.append(Residual(channels, width << stage, stride, "downsample", bottleneck))
                channels = (width << stage) * (4 if bottleneck else 1)
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(channels, classes)

    def forward(self, x):
        x = self.maxpool(self.bn1(self.conv1(x)).relu())
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


class Wrapped(nn.Module):
    """The official code holds these networks in an attribute `model`, so that their tensors' names begin with it."""

    def __init__(self, network):
        super().__init__()
        self.model = network

    def forward(self, x):
        return self.model(x)


def number(word, family):
    """A number of a name, or the units of each stage as in `3-5-3`; a `b` ends those of bottlenecks."""
    if "-" not in word:
        return int(word)
    depths = tuple(int(depth) for depth in word.removesuffix("b").split("-"))
    return (word.endswith("b"), depths) if family in ("imagenet_resnet", "cifarhe_resnet") else depths


def build(name, classes, values):
    """The network of an official name; `values` are how many one image has, which flat networks need to know."""
    words = name.split("_")
    family = "_".join(words[:2])
    numbers = [number(word, family) for word in words[2:]]
    if family == "cifar_resnet":
        return CifarResNet(classes, *numbers)
    if family in ("cifar_vgg", "cifar_vggnfc"):
        return Vgg(classes, *numbers)
    if family == "cifar_mobilenetv1":
        return MobileNet(classes, *numbers)
    if family == "mnist_lenet":
        return Perceptron(classes, values, *numbers)
    if family in ("imagenet_resnet", "cifarhe_resnet"):
        return Wrapped(LargeResNet(classes, family == "cifarhe_resnet", *numbers))
    raise ValueError(f"{name} is no model of elth's: elth models lists them")
