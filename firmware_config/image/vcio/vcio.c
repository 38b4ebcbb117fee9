// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/vcio: asks the Pi's firmware for the board's one-time-programmable private key, and for nothing else.
 *
 * Debian's kernel talks to the firmware and lets no program do so. Raspberry Pi's own kernel lets root ask anything, also to write what
 * can be written once. Here one question passes, in that device's form (a property message of 16 words): the private key is read.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/uaccess.h>
#include <soc/bcm2835/raspberrypi-firmware.h>

#define PROPERTY _IOWR(100, 0, char *)
#define PRIVATE_KEY 0x00030081
#define ANSWERED 0x80000000
#define ROWS 8

struct tag {
	u32 name, room, said;
	u32 first, count, rows[ROWS];
};

struct message {
	u32 size, code;
	struct tag tag;
	u32 end;
};

static dev_t number;
static struct cdev file_of;
static struct class *kind;

static bool allowed(const struct message *one)
{
	return one->size == sizeof(*one) && one->tag.name == PRIVATE_KEY &&
	       one->tag.room == 4 * (2 + ROWS) && one->tag.first == 0 && one->tag.count == ROWS && one->end == 0;
}

static int asked(struct tag *tag)
{
	struct device_node *node = rpi_firmware_find_node();
	struct rpi_firmware *firmware = node ? rpi_firmware_get(node) : NULL;
	int failed;

	of_node_put(node);
	if (!firmware)
		return -ENODEV;
	failed = rpi_firmware_property_list(firmware, tag, sizeof(*tag));
	rpi_firmware_put(firmware);
	return failed;
}

static long vcio_ioctl(struct file *file, unsigned int request, unsigned long place)
{
	struct message one;
	long failed;

	if (request != PROPERTY)
		return -ENOTTY;
	if (copy_from_user(&one, (void __user *)place, sizeof(one)))
		return -EFAULT;
	if (!allowed(&one))
		return -EPERM;
	failed = asked(&one.tag);
	if (!failed) {
		one.code = ANSWERED;
		if (copy_to_user((void __user *)place, &one, sizeof(one)))
			failed = -EFAULT;
	}
	memzero_explicit(&one, sizeof(one));
	return failed;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vcio_ioctl,
};

static void forget(void)
{
	cdev_del(&file_of);
	unregister_chrdev_region(number, 1);
}

static int __init vcio_init(void)
{
	struct device_node *node = rpi_firmware_find_node();
	struct device *made;
	int failed;

	if (!node)
		return -ENODEV;
	of_node_put(node);
	failed = alloc_chrdev_region(&number, 0, 1, "vcio");
	if (failed)
		return failed;
	cdev_init(&file_of, &operations);
	file_of.owner = THIS_MODULE;
	failed = cdev_add(&file_of, number, 1);
	if (failed) {
		unregister_chrdev_region(number, 1);
		return failed;
	}
	kind = class_create("vcio");
	if (IS_ERR(kind)) {
		forget();
		return PTR_ERR(kind);
	}
	made = device_create(kind, NULL, number, NULL, "vcio");
	if (IS_ERR(made)) {
		class_destroy(kind);
		forget();
		return PTR_ERR(made);
	}
	return 0;
}

static void __exit vcio_exit(void)
{
	device_destroy(kind, number);
	class_destroy(kind);
	forget();
}

module_init(vcio_init);
module_exit(vcio_exit);
MODULE_DESCRIPTION("Chevet: the Pi's private key, read");
MODULE_LICENSE("GPL");
