"""Training loops of torch: losses of steps and epochs, accuracies by hand, torchmetrics."""

from __future__ import annotations

from .case import Case

START = """
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X = torch.randn(96, 5)
y = (X[:, 0] + 0.5 * X[:, 1] > 0).long()
X_train, y_train, X_test, y_test = X[:64], y[:64], X[64:], y[64:]
train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=16, shuffle=False)
test_loader = DataLoader(TensorDataset(X_test, y_test), batch_size=16)

def make_net():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 2))
""".strip()
#: The truth of losses that no name keeps: the same training again.
AGAIN = (
    "(lambda net, opt, losses: [(opt.zero_grad(), losses.append(F.cross_entropy(net(xb), yb)), losses[-1].backward(), opt.step())"
    " for _ in range({epochs}) for xb, yb in train_loader] and [loss.item() for loss in losses])"
    "(*(lambda net: (net, torch.optim.SGD(net.parameters(), lr={lr}), []))(make_net()))"
)


def losses(epochs: int, lr: float) -> str:
    """Text that trains the same net again; a dict of the loss of each step."""
    return f"@dict(enumerate({AGAIN.format(epochs=epochs, lr=lr)}))"


def means(epochs: int, lr: float) -> str:
    """As above, the mean of each epoch, with whatever number the notebook gives it."""
    return f"list(np.array({AGAIN.format(epochs=epochs, lr=lr)}).reshape({epochs}, -1).mean(axis=1))"


CASES = (
    Case(
        "epochs-and-accuracy",
        (
            START,
            "%%experiment net\n"
            "model = make_net()\n"
            "criterion = nn.CrossEntropyLoss()\n"
            "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
            "for epoch in range(3):\n"
            "    running = 0.0\n"
            "    for inputs, labels in train_loader:\n"
            "        optimizer.zero_grad()\n"
            "        loss = criterion(model(inputs), labels)\n"
            "        loss.backward()\n"
            "        optimizer.step()\n"
            "        running += loss.item()\n"
            "    epoch_loss = running / len(train_loader)\n"
            "    print(f'Epoch {epoch + 1}: loss {epoch_loss:.4f}')",
            "model.eval()\n"
            "with torch.no_grad():\n"
            "    pred = model(X_test).argmax(dim=1)\n"
            "    accuracy = (pred == y_test).float().mean().item()\n"
            "print(f'Test accuracy: {accuracy:.2%}')",
        ),
        {"net": {"loss": losses(3, 0.1), "epoch_loss": means(3, 0.1) + " ~4", "accuracy": "accuracy"}},
        modules=("torch",),
    ),
    Case(
        "losses-that-are-nearly-equal",
        (
            START,
            "%%experiment net\n"
            "model = make_net()\n"
            "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
            "steps, kept = [], []\n"
            "for epoch in range(41):\n"
            "    loss = F.cross_entropy(model(X_train), y_train)\n"
            "    optimizer.zero_grad()\n"
            "    loss.backward()\n"
            "    optimizer.step()\n"
            "    with torch.no_grad():\n"
            "        test_loss = F.cross_entropy(model(X_train) * 1.001, y_train).item()\n"
            "    steps.append(loss.item())\n"
            "    if epoch % 20 == 0:\n"
            "        kept.append(test_loss)\n"
            "        print(f'Epoch: {epoch} | Loss: {loss:.2f} | Test loss: {test_loss:.2f}')",
        ),
        {"net": {"loss": "steps", "test_loss": "@dict(zip((0, 20, 40), kept)) ~2"}},
        modules=("torch",),
    ),
    Case(
        "sums-of-an-epoch",
        (
            START,
            "%%experiment net\n"
            "model = make_net()\n"
            "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
            "for epoch in range(3):\n"
            "    running_loss = 0.0\n"
            "    for inputs, labels in train_loader:\n"
            "        optimizer.zero_grad()\n"
            "        loss = F.cross_entropy(model(inputs), labels)\n"
            "        loss.backward()\n"
            "        optimizer.step()\n"
            "        running_loss += loss.item()\n"
            "    print(f'Epoch {epoch + 1}/3, mean loss: {running_loss / len(train_loader)}')",
        ),
        {"net": {"loss": losses(3, 0.1), "mean_loss": means(3, 0.1)}},
        modules=("torch",),
    ),
    Case(
        "accuracy-of-each-epoch",
        (
            START,
            "%%experiment net\n"
            "model = make_net()\n"
            "optimizer = torch.optim.SGD(model.parameters(), lr=1.5)\n"
            "kept, steps = [], []\n"
            "for epoch in range(4):\n"
            "    out = model(X_train)\n"
            "    acc = (out.argmax(dim=1) == y_train).sum() * 1.0\n"
            "    acc = acc / len(y_train)\n"
            "    print('accuracy: ', acc)\n"
            "    kept.append(acc.item())\n"
            "    loss = F.cross_entropy(out, y_train)\n"
            "    steps.append(loss.item())\n"
            "    optimizer.zero_grad()\n"
            "    loss.backward()\n"
            "    optimizer.step()",
        ),
        {"net": {"loss": "steps", "acc": "kept ~4"}},
        modules=("torch",),
    ),
    Case(
        "full-batch-loop",
        (
            START,
            "%%experiment linear\n"
            "torch.manual_seed(2)\n"
            "net = nn.Linear(5, 1)\n"
            "opt = torch.optim.Adam(net.parameters(), lr=0.05)\n"
            "history = []\n"
            "for step in range(8):\n"
            "    opt.zero_grad()\n"
            "    loss = F.binary_cross_entropy_with_logits(net(X_train).squeeze(), y_train.float())\n"
            "    loss.backward()\n"
            "    opt.step()\n"
            "    history.append(loss.item())\n"
            "print('final loss', loss.item())",
        ),
        {"linear": {"loss | history": "@dict(enumerate(history))"}},
        modules=("torch",),
    ),
    Case(
        "train-and-test-functions",
        (
            START,
            "def train_one_epoch(model, loader, optimizer):\n"
            "    model.train()\n"
            "    total = 0.0\n"
            "    for xb, yb in loader:\n"
            "        optimizer.zero_grad()\n"
            "        loss = F.cross_entropy(model(xb), yb)\n"
            "        loss.backward()\n"
            "        optimizer.step()\n"
            "        total += loss.item()\n"
            "    return total / len(loader)\n\n"
            "def test(model, loader):\n"
            "    model.eval()\n"
            "    correct = 0\n"
            "    with torch.no_grad():\n"
            "        for xb, yb in loader:\n"
            "            correct += (model(xb).argmax(1) == yb).sum().item()\n"
            "    return correct / len(loader.dataset)",
            "%%experiment net\n"
            "model = make_net()\n"
            "optimizer = torch.optim.SGD(model.parameters(), lr=0.2)\n"
            "seen = []\n"
            "for epoch in range(1, 4):\n"
            "    train_loss = train_one_epoch(model, train_loader, optimizer)\n"
            "    test_acc = test(model, test_loader)\n"
            "    seen.append((train_loss, test_acc))\n"
            "    print(f'{epoch}: train loss {train_loss:.3f}, test acc {test_acc:.3f}')",
        ),
        {
            "net": {
                "loss": losses(3, 0.2),
                "train_loss": "@{n + 1: pair[0] for n, pair in enumerate(seen)} ~3",
                "test_acc": "@{n + 1: pair[1] for n, pair in enumerate(seen)} ~3",
            }
        },
        modules=("torch",),
    ),
    Case(
        "lists-in-a-dict",
        (
            START,
            "%%experiment net\n"
            "model = make_net()\n"
            "opt = torch.optim.SGD(model.parameters(), lr=0.3)\n"
            "log = {'train_loss': [], 'val_acc': []}\n"
            "for epoch in range(4):\n"
            "    for xb, yb in train_loader:\n"
            "        opt.zero_grad()\n"
            "        batch_loss = F.cross_entropy(model(xb), yb)\n"
            "        batch_loss.backward()\n"
            "        opt.step()\n"
            "    with torch.no_grad():\n"
            "        log['train_loss'].append(F.cross_entropy(model(X_train), y_train).item())\n"
            "        log['val_acc'].append((model(X_test).argmax(1) == y_test).float().mean().item())\n"
            "log['val_acc'][-1]",
        ),
        {
            "net": {
                "batch_loss": losses(4, 0.3),
                "log.train_loss | train_loss": "@dict(enumerate(log['train_loss']))",
                "log.val_acc | val_acc": "@dict(enumerate(log['val_acc']))",
            }
        },
        modules=("torch",),
    ),
    Case(
        "scored-by-scikit-learn",
        (
            START + "\nfrom sklearn.metrics import accuracy_score, roc_auc_score",
            "%%experiment net\n"
            "model = make_net()\n"
            "opt = torch.optim.SGD(model.parameters(), lr=0.1)\n"
            "for xb, yb in train_loader:\n"
            "    opt.zero_grad()\n"
            "    loss = F.cross_entropy(model(xb), yb)\n"
            "    loss.backward()\n"
            "    opt.step()",
            "with torch.no_grad():\n"
            "    probs = torch.softmax(model(X_test), dim=1)[:, 1].numpy()\n"
            "auc = roc_auc_score(y_test.numpy(), probs)\n"
            'print("AUC:", auc, "accuracy:", accuracy_score(y_test, probs > 0.5))',
        ),
        {"net": {"loss": losses(1, 0.1), "auc": "auc", "accuracy": "accuracy_score(y_test, probs > 0.5)"}},
        modules=("torch",),
    ),
    Case(
        "torchmetrics",
        (
            START + "\nfrom torchmetrics import Accuracy\nfrom torchmetrics.classification import BinaryAUROC",
            "%%experiment net\n"
            "model = make_net()\n"
            "opt = torch.optim.SGD(model.parameters(), lr=0.1)\n"
            "metric = Accuracy(task='multiclass', num_classes=2)\n"
            "for xb, yb in train_loader:\n"
            "    opt.zero_grad()\n"
            "    out = model(xb)\n"
            "    loss = F.cross_entropy(out, yb)\n"
            "    loss.backward()\n"
            "    opt.step()\n"
            "    metric.update(out, yb)\n"
            "train_acc = metric.compute()",
            "auroc = BinaryAUROC()\n"
            "with torch.no_grad():\n"
            "    test_auroc = auroc(torch.softmax(model(X_test), 1)[:, 1], y_test)\n"
            'print("AUROC:", test_auroc.item())',
        ),
        {"net": {"loss": losses(1, 0.1), "train_acc": "train_acc.item()", "test_auroc": "test_auroc.item()"}},
        modules=("torch", "torchmetrics"),
    ),
    Case(
        "correct-over-total",
        (
            START,
            "%%experiment net\n"
            "model = make_net()\n"
            "opt = torch.optim.SGD(model.parameters(), lr=0.5)\n"
            "for xb, yb in train_loader:\n"
            "    opt.zero_grad()\n"
            "    loss = F.cross_entropy(model(xb), yb)\n"
            "    loss.backward()\n"
            "    opt.step()",
            "correct, total = 0, 0\n"
            "with torch.no_grad():\n"
            "    for images, labels in test_loader:\n"
            "        _, predicted = torch.max(model(images).data, 1)\n"
            "        total += labels.size(0)\n"
            "        correct += (predicted == labels).sum().item()\n"
            "print('Accuracy of the network: %.2f %%' % (100 * correct / total))",
        ),
        {
            "net": {
                "loss": losses(1, 0.5),
                "accuracy_of_the_network": "100 * correct / total ~2",
                "correct?": "correct",
            }
        },
        modules=("torch",),
    ),
    Case(
        "trainer-class",
        (
            START,
            "class Trainer:\n"
            "    def __init__(self, model, lr):\n"
            "        self.model, self.opt = model, torch.optim.SGD(model.parameters(), lr=lr)\n"
            "        self.losses = []\n\n"
            "    def fit(self, loader, epochs):\n"
            "        for _ in range(epochs):\n"
            "            for xb, yb in loader:\n"
            "                self.opt.zero_grad()\n"
            "                loss = F.cross_entropy(self.model(xb), yb)\n"
            "                loss.backward()\n"
            "                self.opt.step()\n"
            "                self.losses.append(loss.item())\n"
            "        return self\n\n"
            "    @torch.no_grad()\n"
            "    def accuracy(self, X, y):\n"
            "        return (self.model(X).argmax(1) == y).float().mean().item()",
            "%%experiment net\nmodel = make_net()\ntrainer = Trainer(model, lr=0.2).fit(train_loader, epochs=2)",
            "acc_test = trainer.accuracy(X_test, y_test)\nprint(f'{acc_test:.1%}')",
        ),
        {"net": {"loss | trainer.losses": "@dict(enumerate(trainer.losses))", "acc_test": "acc_test"}},
        modules=("torch",),
    ),
    Case(
        "right-ones-of-a-batch",
        (
            START,
            "%%experiment net\n"
            "model = make_net()\n"
            "opt = torch.optim.SGD(model.parameters(), lr=0.1)\n"
            "kept = []\n"
            "for epoch in range(1, 4):\n"
            "    total_acc = 0\n"
            "    for xb, yb in train_loader:\n"
            "        out = model(xb)\n"
            "        batch_loss = F.cross_entropy(out, yb)\n"
            "        acc = (out.argmax(1) == yb).sum().item()\n"
            "        total_acc += acc\n"
            "        opt.zero_grad()\n"
            "        batch_loss.backward()\n"
            "        opt.step()\n"
            "    kept.append(100 * total_acc / len(X_train))\n"
            "    print(f'Epoch no. {epoch} Train Accuracy: {kept[-1]:.4f}')",
        ),
        {
            "net": {
                "batch_loss": losses(3, 0.1),
                "train_accuracy": "@dict(zip((1, 2, 3), kept)) ~4",
            }
        },
        modules=("torch",),
    ),
)
