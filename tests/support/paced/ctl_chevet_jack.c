/* A card's headphone socket made of a file: a plug is in it while the file `plug` exists. It has the controls
 * "Headphone Jack" (the socket), "Headphone Phantom Jack" (always in), "Speaker Playback Switch" and "PCM Playback Volume"
 * (0 to 64, kept in the file `plug`.level); when the file comes or goes, subscribers get an event. When `plug`.gone exists,
 * the card went away: every read fails. */
#include <alsa/asoundlib.h>
#include <alsa/control_external.h>
#include <libgen.h>
#include <sys/inotify.h>
#include <unistd.h>

static const char *const names[] = {"Speaker Playback Switch", "Headphone Phantom Jack", "Headphone Jack",
				    "PCM Playback Volume"};
enum { SOCKET = 2, LEVEL = 3, COUNT = 4, LEVEL_MAX = 64 };

struct jack {
	snd_ctl_ext_t ext;
	char *plug, *gone, *level;
	int told; /* what the last event told */
};

static int is_in(struct jack *j) { return access(j->plug, F_OK) == 0; }

static int went_away(struct jack *j) { return access(j->gone, F_OK) == 0; }

static int jack_elem_count(snd_ctl_ext_t *ext)
{
	(void)ext;
	return COUNT;
}

static int jack_elem_list(snd_ctl_ext_t *ext, unsigned int offset, snd_ctl_elem_id_t *id)
{
	(void)ext;
	if (offset >= COUNT)
		return -EINVAL;
	int mixer = offset == 0 || offset == LEVEL;
	snd_ctl_elem_id_set_interface(id, mixer ? SND_CTL_ELEM_IFACE_MIXER : SND_CTL_ELEM_IFACE_CARD);
	snd_ctl_elem_id_set_name(id, names[offset]);
	return 0;
}

static snd_ctl_ext_key_t jack_find_elem(snd_ctl_ext_t *ext, const snd_ctl_elem_id_t *id)
{
	(void)ext;
	for (int at = 0; at < COUNT; at++)
		if (!strcmp(names[at], snd_ctl_elem_id_get_name(id)))
			return at;
	return SND_CTL_EXT_KEY_NOT_FOUND;
}

static int jack_get_attribute(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, int *type, unsigned int *acc,
			      unsigned int *count)
{
	(void)ext;
	*type = key == LEVEL ? SND_CTL_ELEM_TYPE_INTEGER : SND_CTL_ELEM_TYPE_BOOLEAN;
	*acc = key == LEVEL ? SND_CTL_EXT_ACCESS_READWRITE : SND_CTL_EXT_ACCESS_READ;
	*count = 1;
	return 0;
}

static int jack_integer_info(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, long *least, long *most, long *step)
{
	(void)ext;
	*least = 0, *step = 1;
	*most = key == LEVEL ? LEVEL_MAX : 1;
	return 0;
}

static long read_level(struct jack *j)
{
	long level = 10;
	FILE *file = fopen(j->level, "r");
	if (file) {
		if (fscanf(file, "%ld", &level) != 1)
			level = 10;
		fclose(file);
	}
	return level;
}

static int jack_write_integer(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, long *value)
{
	struct jack *j = ext->private_data;
	if (went_away(j))
		return -ENODEV;
	if (key != LEVEL)
		return -EPERM;
	FILE *file = fopen(j->level, "w");
	if (!file)
		return -errno;
	fprintf(file, "%ld\n", *value);
	return fclose(file) ? -errno : 1;
}

static int jack_read_integer(snd_ctl_ext_t *ext, snd_ctl_ext_key_t key, long *value)
{
	struct jack *j = ext->private_data;
	if (went_away(j))
		return -ENODEV;
	*value = key == LEVEL ? read_level(j) : key != SOCKET || is_in(j);
	return 0;
}

/* The descriptor tells that something in the folder changed; an event is told only when it was the plug. */
static int jack_read_event(snd_ctl_ext_t *ext, snd_ctl_elem_id_t *id, unsigned int *mask)
{
	struct jack *j = ext->private_data;
	char dropped[4096];
	while (read(ext->poll_fd, dropped, sizeof dropped) > 0)
		;
	if (went_away(j))
		return -ENODEV;
	if (is_in(j) == j->told)
		return -EAGAIN;
	j->told = is_in(j);
	jack_elem_list(ext, SOCKET, id);
	*mask = SND_CTL_EVENT_MASK_VALUE;
	return 1;
}

static void jack_free(struct jack *j)
{
	if (j->ext.poll_fd >= 0)
		close(j->ext.poll_fd);
	free(j->plug), free(j->gone), free(j->level), free(j);
}

static void jack_close(snd_ctl_ext_t *ext) { jack_free(ext->private_data); }

static const snd_ctl_ext_callback_t callbacks = {
	.close = jack_close, .elem_count = jack_elem_count, .elem_list = jack_elem_list, .find_elem = jack_find_elem,
	.get_attribute = jack_get_attribute, .get_integer_info = jack_integer_info, .read_integer = jack_read_integer,
	.write_integer = jack_write_integer, .read_event = jack_read_event,
};

static int watch_folder(struct jack *j)
{
	char *copy = strdup(j->plug);
	j->ext.poll_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	int err = inotify_add_watch(j->ext.poll_fd, dirname(copy), IN_CREATE | IN_DELETE) < 0 ? -errno : 0;
	free(copy);
	return err;
}

static int read_config(struct jack *j, snd_config_t *conf)
{
	snd_config_t *node;
	const char *plug;
	if (snd_config_search(conf, "plug", &node) < 0 || snd_config_get_string(node, &plug) < 0)
		return -EINVAL;
	j->plug = strdup(plug);
	if (asprintf(&j->level, "%s.level", plug) < 0)
		return -ENOMEM;
	return asprintf(&j->gone, "%s.gone", plug) < 0 ? -ENOMEM : 0;
}

SND_CTL_PLUGIN_DEFINE_FUNC(chevet_jack)
{
	(void)root;
	struct jack *j = calloc(1, sizeof *j);
	if (!j)
		return -ENOMEM;
	j->ext.poll_fd = -1;
	int err = read_config(j, conf);
	err = err ? err : watch_folder(j);
	if (!err && went_away(j))
		err = -ENODEV;
	if (err)
		goto failed;
	j->told = is_in(j);
	j->ext.version = SND_CTL_EXT_VERSION;
	strcpy(j->ext.id, "ChevetJack");
	strcpy(j->ext.name, "Chevet headphone socket");
	j->ext.callback = &callbacks;
	j->ext.private_data = j;
	if ((err = snd_ctl_ext_create(&j->ext, name, mode)) < 0)
		goto failed;
	*handlep = j->ext.handle;
	return 0;
failed:
	jack_free(j);
	return err;
}

SND_CTL_PLUGIN_SYMBOL(chevet_jack);
