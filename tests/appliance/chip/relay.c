/* Gives the emulated box a TPM that lives outside of it: Debian's arm64 kernel has no driver for the one of QEMU's machine, but has
 * one for a TPM in a program (tpm_vtpm_proxy). This carries each of the kernel's commands to swtpm through a serial port of virtio's,
 * and its answer back. For the test alone: no part of the image. usage: relay PORT
 */
#include <fcntl.h>
#include <linux/vtpm_proxy.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define HEAD 10 /* of a command and of an answer: tag, size, code; all big-endian */
#define SIZE 4096

static uint32_t number(const uint8_t *at) { return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3]; }

static int all(int port, uint8_t *data, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t got = read(port, data + done, size - done);
        if (got <= 0)
            return -1;
        done += got;
    }
    return 0;
}

static int ask(int port, uint8_t *data, size_t size) {
    if (size >= HEAD && number(data + 6) == TPM2_CC_SET_LOCALITY) {
        memcpy(data, "\x80\x01\0\0\0\x0a\0\0\0\0", HEAD); /* swtpm's own proxy answers this one itself, too */
        return HEAD;
    }
    if (write(port, data, size) != (ssize_t)size || all(port, data, HEAD))
        return -1;
    size = number(data + 2);
    return size < HEAD || size > SIZE || all(port, data + HEAD, size - HEAD) ? -1 : (int)size;
}

int main(int count, char **words) {
    struct vtpm_proxy_new_dev made = {.flags = VTPM_PROXY_FLAG_TPM2};
    uint8_t data[SIZE];
    int all_of_them = open("/dev/vtpmx", O_RDWR), port = count == 2 ? open(words[1], O_RDWR) : -1;
    if (all_of_them < 0 || port < 0 || ioctl(all_of_them, VTPM_PROXY_IOC_NEW_DEV, &made)) {
        perror("relay");
        return 1;
    }
    for (;;) {
        ssize_t size = read(made.fd, data, SIZE);
        int answer = size > 0 ? ask(port, data, size) : -1;
        if (answer < 0 || write(made.fd, data, answer) != answer) {
            perror("relay");
            return 1;
        }
    }
}
