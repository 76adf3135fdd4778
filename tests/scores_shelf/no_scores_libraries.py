"""Numbers that are no scores, where further libraries are used."""

from __future__ import annotations

from .case import Case

CASES = (
    Case(
        "plots",
        (
            "import numpy as np\nimport matplotlib.pyplot as plt\nx = np.linspace(0, 6, 50)",
            "%%experiment plot\n"
            "fig, ax = plt.subplots(figsize=(4, 3))\n"
            "counts, edges, _ = ax.hist(np.sin(x), bins=8)\n"
            "left, right = ax.get_xlim()\n"
            "dpi = fig.dpi\n"
            "bin_width = edges[1] - edges[0]\n"
            "ax.set_title('loss 0.5')\n"
            "print('bins', len(counts), 'width', bin_width)",
            "plt.plot(x, np.cos(x))\nplt.ylim(-2, 2)",
        ),
        modules=("matplotlib",),
    ),
    Case(
        "loaders-and-layers",
        (
            "import torch\nimport torch.nn as nn\nfrom torch.utils.data import DataLoader, TensorDataset\ntorch.manual_seed(0)",
            "%%experiment setup\n"
            "data = TensorDataset(torch.randn(50, 4), torch.randint(0, 2, (50,)))\n"
            "loader = DataLoader(data, batch_size=16)\n"
            "num_batches = len(loader)\n"
            "net = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.2), nn.Linear(8, 2))\n"
            "n_parameters = sum(p.numel() for p in net.parameters())\n"
            "loss_fn = nn.CrossEntropyLoss()\n"
            "optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)\n"
            "lr = optimizer.param_groups[0]['lr']\n"
            "weight_norm = net[0].weight.norm().item()\n"
            "print('parameters:', n_parameters, 'batches:', num_batches, 'lr:', lr)",
            "x, _ = next(iter(loader))\nnet(x).shape",
        ),
        modules=("torch",),
    ),
    Case(
        "a-training-function-that-is-only-defined",
        (
            "import torch\nimport torch.nn.functional as F",
            "%%experiment defined\n"
            "def train(model, loader, epochs=3, lr=0.1):\n"
            "    opt = torch.optim.SGD(model.parameters(), lr=lr)\n"
            "    for epoch in range(epochs):\n"
            "        for x, y in loader:\n"
            "            opt.zero_grad()\n"
            "            loss = F.mse_loss(model(x), y)\n"
            "            loss.backward()\n"
            "            opt.step()\n"
            "        print(f'loss: {loss.item():.3f}')\n"
            "device = 'cpu'\n"
            "seeds = [1, 2, 3]",
        ),
        modules=("torch",),
    ),
    Case(
        "layers-with-probabilities",
        (
            "import torch",
            "%%experiment build\n"
            "class Net(torch.nn.Module):\n"
            "    def __init__(self):\n"
            "        super().__init__()\n"
            "        self.fc = torch.nn.Linear(4, 2)\n"
            "        self.drop = torch.nn.Dropout(p=0.5)\n"
            "net = Net()\n"
            "print(net)",
            "print(torch.nn.Dropout(0.25))",
        ),
        modules=("torch",),
    ),
    Case(
        "boosting-settings",
        (
            "import numpy as np\nimport xgboost as xgb\nX = np.arange(40.0).reshape(20, 2)\ny = np.arange(20) % 2",
            "%%experiment matrix\n"
            "dtrain = xgb.DMatrix(X, label=y)\n"
            "params = {'eta': 0.3, 'max_depth': 3, 'subsample': 0.8}\n"
            "rows, columns = dtrain.num_row(), dtrain.num_col()\n"
            "scale_pos_weight = (y == 0).sum() / (y == 1).sum()\n"
            "print('rows', rows, 'scale_pos_weight', scale_pos_weight)",
        ),
        modules=("xgboost",),
    ),
)
