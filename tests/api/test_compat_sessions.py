"""Sessions in eager programs: classes of errors are TensorFlow 2.21's."""

import pytest

import stepwell as sw

v1 = sw.compat.v1


def test_settings():
    config = v1.ConfigProto(gpu_options=v1.GPUOptions(per_process_gpu_memory_fraction=0.5), device_count={"GPU": 0})
    config.gpu_options.allow_growth = True
    assert config.gpu_options == v1.GPUOptions(0.5, allow_growth=True) and config.device_count == {"GPU": 0}
    for wrong in (config, config.gpu_options):
        with pytest.raises(AttributeError):
            wrong.allow_grow = True
    v1.InteractiveSession(config=config).close()


@pytest.mark.parametrize("kind", [v1.Session, v1.InteractiveSession])
def test_there_is_nothing_to_run(kind):
    with kind(config=v1.ConfigProto()) as session, pytest.raises(RuntimeError, match=r"\.run: there are no graphs"):
        session.run(v1.global_variables_initializer())
    with pytest.raises(TypeError, match="config: expected a ConfigProto, got 3"):
        kind(config=3)
