/* A stand-in for libnvidia-ml.so.1: two GPUs, of which the second tells neither power, energy nor
 * utilisation, as consumer cards and partitioned ones do. The process whose number stands in the file
 * named by NVML_STUB_PID_FILE uses 123 MiB of the first GPU. Compiled by the tests, loaded by pynvml. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OK = 0, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NO_PERMISSION = 4, INSUFFICIENT_SIZE = 7 };
typedef struct { int index; } *device;
typedef struct { unsigned long long total, free, used; } memory;
typedef struct { unsigned int gpu, memory; } utilization;
typedef struct { unsigned int pid; unsigned long long used; unsigned int gpu_instance, compute_instance; } process;

static struct { int index; } devices[2] = {{0}, {1}};
static int second(device which) { return which->index == 1; }

int nvmlInitWithFlags(unsigned int flags) { (void)flags; return OK; }
int nvmlShutdown(void) { return OK; }
const char *nvmlErrorString(int code) { (void)code; return "refused by the stand-in"; }
int nvmlSystemGetDriverVersion(char *text, unsigned int size) { snprintf(text, size, "999.10"); return OK; }
int nvmlSystemGetCudaDriverVersion(int *version) { *version = 12040; return OK; }
int nvmlDeviceGetCount_v2(unsigned int *count) { *count = 2; return OK; }

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, device *found) {
    if (index > 1) return INVALID_ARGUMENT;
    *found = (device)&devices[index];
    return OK;
}
int nvmlDeviceGetName(device which, char *text, unsigned int size) {
    snprintf(text, size, "Stand-in %d", which->index);
    return OK;
}
int nvmlDeviceGetUUID(device which, char *text, unsigned int size) {
    snprintf(text, size, "GPU-0000-%d", which->index);
    return OK;
}
int nvmlDeviceGetMemoryInfo(device which, memory *found) {
    found->total = 8ULL << 30;
    found->used = second(which) ? 0 : 1ULL << 30;
    found->free = found->total - found->used;
    return OK;
}
int nvmlDeviceGetUtilizationRates(device which, utilization *found) {
    if (second(which)) return NOT_SUPPORTED;
    found->gpu = 37;
    found->memory = 5;
    return OK;
}
int nvmlDeviceGetPowerUsage(device which, unsigned int *milliwatts) {
    if (second(which)) return NO_PERMISSION;
    *milliwatts = 71500;
    return OK;
}
int nvmlDeviceGetTemperature(device which, unsigned int sensor, unsigned int *celsius) {
    (void)sensor;
    *celsius = second(which) ? 30 : 55;
    return OK;
}
int nvmlDeviceGetTotalEnergyConsumption(device which, unsigned long long *millijoules) {
    if (second(which)) return NOT_SUPPORTED;
    *millijoules = 123456789ULL;
    return OK;
}

static int list(device which, unsigned int *count, process *found) {
    const char *name = getenv("NVML_STUB_PID_FILE");
    FILE *file = name && !second(which) ? fopen(name, "r") : NULL;
    unsigned int pid = 0, room = *count;
    if (file) {
        if (fscanf(file, "%u", &pid) != 1) pid = 0;
        fclose(file);
    }
    *count = pid ? 2 : 0;
    if (!pid) return OK;
    if (!found || room < 2) return INSUFFICIENT_SIZE;
    memset(found, 0, 2 * sizeof *found);
    found[0].pid = pid;
    found[0].used = 123ULL << 20;
    found[1].pid = 1; /* somebody else's */
    found[1].used = 900ULL << 20;
    return OK;
}
int nvmlDeviceGetComputeRunningProcesses_v3(device which, unsigned int *count, process *found) {
    return list(which, count, found);
}
int nvmlDeviceGetGraphicsRunningProcesses_v3(device which, unsigned int *count, process *found) {
    return list(which, count, found);
}
