/* A sound card made of a clock: consumes frames by CLOCK_MONOTONIC times `speed`, writes exactly what was played
 * to `out`, and logs "event nanoseconds frames-played" to `log`. A file at `stall` empties the buffer at once (an
 * underrun); a file at `vanish` unplugs the card. */
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct paced {
	snd_pcm_ioplug_t io;
	int timer, out, log, running;
	double speed;
	char *stall, *vanish;
	uint64_t start_ns, queued, played, total; /* queued and played since prepare; total since open */
	snd_pcm_uframes_t avail_min, boundary;
	unsigned char *ring;
	size_t frame_bytes;
};

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + t.tv_nsec;
}

static double frames_per_ns(struct paced *p) { return p->io.rate * p->speed / 1e9; }

static uint64_t frame_ns(struct paced *p, uint64_t frame) { return p->start_ns + (uint64_t)(frame / frames_per_ns(p)) + 1; }

static void note(struct paced *p, const char *event, uint64_t ns)
{
	dprintf(p->log, "%s %llu %llu\n", event, (unsigned long long)ns, (unsigned long long)p->total);
}

static void write_all(int fd, const unsigned char *data, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, data, size);
		if (n <= 0)
			return;
		data += n;
		size -= n;
	}
}

static void play_until(struct paced *p, uint64_t frame)
{
	while (p->played < frame) {
		uint64_t at = p->played % p->io.buffer_size, n = p->io.buffer_size - at;
		if (n > frame - p->played)
			n = frame - p->played;
		write_all(p->out, p->ring + at * p->frame_bytes, n * p->frame_bytes);
		p->played += n;
		p->total += n;
	}
}

static uint64_t due(struct paced *p)
{
	return p->running ? (uint64_t)((now_ns() - p->start_ns) * frames_per_ns(p)) : p->played;
}

static void wake_at(struct paced *p, uint64_t ns)
{
	struct itimerspec when = {.it_value = {.tv_sec = ns / 1000000000u, .tv_nsec = ns % 1000000000u}};
	timerfd_settime(p->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

/* Readable from the moment when avail_min frames are free until more is written. */
static void wake_when_room(struct paced *p)
{
	int64_t frame = (int64_t)(p->queued + p->avail_min) - (int64_t)p->io.buffer_size;
	if (p->running)
		wake_at(p, frame > 0 ? frame_ns(p, frame) : 1);
	else
		wake_at(p, frame <= 0);
}

static int gone(struct paced *p)
{
	if (p->io.state == SND_PCM_STATE_DISCONNECTED)
		return 1;
	if (!p->vanish || access(p->vanish, F_OK))
		return 0;
	note(p, "vanish", now_ns());
	snd_pcm_ioplug_set_state(&p->io, SND_PCM_STATE_DISCONNECTED);
	return 1;
}

static int underrun(struct paced *p, uint64_t ns)
{
	play_until(p, p->queued);
	p->running = 0;
	note(p, "underrun", ns);
	return -EPIPE;
}

static snd_pcm_sframes_t paced_pointer(snd_pcm_ioplug_t *io)
{
	struct paced *p = io->private_data;
	if (gone(p) || !p->running)
		return p->played % p->boundary;
	uint64_t frame = due(p);
	if (io->state == SND_PCM_STATE_DRAINING) {
		play_until(p, frame < p->queued ? frame : p->queued);
	} else if (p->stall && !unlink(p->stall)) {
		return underrun(p, now_ns());
	} else if (frame >= p->queued) {
		return underrun(p, frame_ns(p, p->queued));
	} else {
		play_until(p, frame);
	}
	return p->played % p->boundary;
}

static snd_pcm_sframes_t paced_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
					snd_pcm_uframes_t offset, snd_pcm_uframes_t size)
{
	struct paced *p = io->private_data;
	if (gone(p))
		return -ENODEV;
	const unsigned char *from = (unsigned char *)areas->addr + areas->first / 8 + offset * p->frame_bytes;
	snd_pcm_uframes_t at = p->queued % io->buffer_size, n = io->buffer_size - at;
	if (n > size)
		n = size;
	memcpy(p->ring + at * p->frame_bytes, from, n * p->frame_bytes);
	memcpy(p->ring, from + n * p->frame_bytes, (size - n) * p->frame_bytes);
	p->queued += size;
	wake_when_room(p);
	return size;
}

static int paced_start(snd_pcm_ioplug_t *io)
{
	struct paced *p = io->private_data;
	p->start_ns = now_ns();
	p->running = 1;
	note(p, "start", p->start_ns);
	wake_when_room(p);
	return 0;
}

static int paced_stop(snd_pcm_ioplug_t *io)
{
	struct paced *p = io->private_data;
	uint64_t frame = due(p);
	play_until(p, frame < p->queued ? frame : p->queued);
	if (p->running)
		note(p, "stop", now_ns());
	p->running = 0;
	return 0;
}

static int paced_prepare(snd_pcm_ioplug_t *io)
{
	struct paced *p = io->private_data;
	p->queued = p->played = p->running = 0;
	wake_when_room(p);
	return gone(p) ? -ENODEV : 0;
}

static int paced_hw_params(snd_pcm_ioplug_t *io, snd_pcm_hw_params_t *params)
{
	struct paced *p = io->private_data;
	(void)params;
	p->frame_bytes = snd_pcm_format_physical_width(io->format) / 8 * io->channels;
	free(p->ring);
	p->ring = malloc(io->buffer_size * p->frame_bytes);
	return p->ring ? 0 : -ENOMEM;
}

static int paced_sw_params(snd_pcm_ioplug_t *io, snd_pcm_sw_params_t *params)
{
	struct paced *p = io->private_data;
	snd_pcm_sw_params_get_avail_min(params, &p->avail_min);
	return snd_pcm_sw_params_get_boundary(params, &p->boundary);
}

static int paced_poll_revents(snd_pcm_ioplug_t *io, struct pollfd *fds, unsigned int count, unsigned short *revents)
{
	struct paced *p = io->private_data;
	(void)count;
	*revents = fds[0].revents & POLLIN ? POLLOUT : 0;
	if (gone(p) || io->state == SND_PCM_STATE_XRUN)
		*revents = POLLOUT | POLLERR;
	else if (io->state == SND_PCM_STATE_DRAINING && due(p) < p->queued)
		wake_at(p, frame_ns(p, p->queued)), *revents = 0;
	return 0;
}

static int paced_close(snd_pcm_ioplug_t *io)
{
	struct paced *p = io->private_data;
	note(p, "close", now_ns());
	close(p->timer), close(p->out), close(p->log);
	free(p->ring), free(p->stall), free(p->vanish), free(p);
	return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
	.start = paced_start, .stop = paced_stop, .pointer = paced_pointer, .transfer = paced_transfer,
	.prepare = paced_prepare, .hw_params = paced_hw_params, .sw_params = paced_sw_params,
	.poll_revents = paced_poll_revents, .close = paced_close,
};

static int constrain(snd_pcm_ioplug_t *io)
{
	const unsigned int access[] = {SND_PCM_ACCESS_RW_INTERLEAVED}, rate[] = {44100, 48000};
	const unsigned int format[] = {SND_PCM_FORMAT_S16_LE, SND_PCM_FORMAT_S32_LE};
	int err = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 1, access);
	err = err ? err : snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 2, format);
	err = err ? err : snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_RATE, 2, rate);
	err = err ? err : snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, 1, 2);
	err = err ? err : snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 256, 1 << 20);
	err = err ? err : snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, 2, 1024);
	return err ? err : snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 1024, 1 << 22);
}

static int open_files(struct paced *p, const char *out, const char *log)
{
	p->out = open(out, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	p->log = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	p->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	return p->out < 0 || p->log < 0 || p->timer < 0 ? -errno : 0;
}

static int read_config(struct paced *p, snd_config_t *conf, const char **out, const char **log)
{
	snd_config_iterator_t i, next;
	snd_config_for_each(i, next, conf) {
		snd_config_t *n = snd_config_iterator_entry(i);
		const char *id, *text = NULL;
		if (snd_config_get_id(n, &id) < 0 || !strcmp(id, "type") || !strcmp(id, "comment") || !strcmp(id, "hint"))
			continue;
		if (!strcmp(id, "speed") && snd_config_get_ireal(n, &p->speed) == 0)
			continue;
		if (snd_config_get_string(n, &text) < 0)
			return -EINVAL;
		if (!strcmp(id, "out")) *out = text;
		else if (!strcmp(id, "log")) *log = text;
		else if (!strcmp(id, "stall")) p->stall = strdup(text);
		else if (!strcmp(id, "vanish")) p->vanish = strdup(text);
		else { SNDERR("chevet_paced knows out, log, speed, stall, vanish; not %s", id); return -EINVAL; }
	}
	return *out && *log && p->speed > 0 ? 0 : -EINVAL;
}

SND_PCM_PLUGIN_DEFINE_FUNC(chevet_paced)
{
	(void)root;
	const char *out = NULL, *log = NULL;
	struct paced *p = calloc(1, sizeof *p);
	if (!p)
		return -ENOMEM;
	p->speed = 1;
	int err = stream == SND_PCM_STREAM_PLAYBACK ? read_config(p, conf, &out, &log) : -EINVAL;
	if (!err && p->vanish && !access(p->vanish, F_OK))
		err = -ENODEV;
	if (!err)
		err = open_files(p, out, log);
	if (err)
		goto failed;
	p->io.version = SND_PCM_IOPLUG_VERSION;
	p->io.name = "Chevet paced device";
	p->io.flags = SND_PCM_IOPLUG_FLAG_MONOTONIC | SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
	p->io.callback = &callbacks;
	p->io.private_data = p;
	p->io.poll_fd = p->timer;
	p->io.poll_events = POLLIN;
	if ((err = snd_pcm_ioplug_create(&p->io, name, stream, mode)) < 0)
		goto failed;
	p->io.nonblock = !!(mode & SND_PCM_NONBLOCK); /* alsa-lib 1.2.8 leaves it out, and drain would block */
	note(p, "open", now_ns());
	if ((err = constrain(&p->io)) < 0) {
		snd_pcm_ioplug_delete(&p->io); /* closes and frees */
		return err;
	}
	*pcmp = p->io.pcm;
	return 0;
failed:
	free(p->stall), free(p->vanish), free(p);
	return err;
}

SND_PCM_PLUGIN_SYMBOL(chevet_paced);
